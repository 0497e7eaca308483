import type { BlockPolicy, ProfileReader } from '@parley/backend-common/domain';
import { LIMITS } from '@parley/common';

import type { SocketEvents } from '../conversations/ports.ts';
import type { ReportFault } from '../faults.ts';
import type { ConversationLog } from '../log/conversation-log.ts';
import type { Timers } from '../log/timers.ts';
import type { Raised } from './mark-writer.ts';

interface ReceiptFeedDeps {
  readonly log: Pick<ConversationLog, 'state'>;
  readonly profiles: ProfileReader;
  readonly events: SocketEvents;
  readonly blocks: Pick<BlockPolicy, 'among'>;
  readonly timers: Timers;
  readonly reportFault: ReportFault;
}

type Change = Omit<Raised, 'cleared'>;

/** Conversations with receipts that are being sent. Beyond it none is sent: clients get the marks when they sync. */
const CONVERSATIONS_AT_MOST = 20_000;

/** Sends receipts to sockets: for one conversation at most every 100 ms, with the newest of each member. */
export class ReceiptFeed {
  readonly #deps: ReceiptFeedDeps;
  /** Waiting changes, by conversation and member. A conversation is removed when it had none for 100 ms. */
  readonly #waiting = new Map<string, Map<string, Change>>();

  constructor(deps: ReceiptFeedDeps) {
    this.#deps = deps;
  }

  /** Records marks that were raised. */
  note({ cleared, ...change }: Raised): void {
    const { conversationId, userId } = change.receipt;
    if (cleared !== undefined) {
      const payload = { action: 'updated', conversationId, settings: cleared } as const;
      this.#deps.events.toUser(userId, 'conversation', payload);
    }
    if (!change.isDeliveredNew && !change.isReadNew) return;
    const waiting = this.#waiting.get(conversationId);
    if (waiting === undefined) {
      if (this.#waiting.size >= CONVERSATIONS_AT_MOST) return;
      this.#waiting.set(conversationId, new Map([[userId, change]]));
      void this.#feed(conversationId);
    } else {
      waiting.set(userId, merge(waiting.get(userId), change));
    }
  }

  async #feed(conversationId: string): Promise<void> {
    for (;;) {
      const changes = [...(this.#waiting.get(conversationId)?.values() ?? [])];
      if (changes.length === 0) break;
      this.#waiting.set(conversationId, new Map());
      try {
        await this.#send(conversationId, changes);
      } catch (error) {
        this.#deps.reportFault('receipt_events_failed', error);
      }
      await new Promise<void>((resolve) => {
        this.#deps.timers.after(LIMITS.receiptEvents, resolve);
      });
    }
    this.#waiting.delete(conversationId);
  }

  async #send(conversationId: string, changes: readonly Change[]): Promise<void> {
    const { blocks, log, profiles } = this.#deps;
    const { members } = (await log.state(conversationId)).membership;
    const isShared = members.size <= LIMITS.receiptsInConversation;
    const present = changes.filter(({ receipt }) => members.has(receipt.userId));
    const known = await profiles.get(present.map(({ receipt }) => receipt.userId));
    for (const change of present) {
      const { userId } = change.receipt;
      const blocked = isShared ? [...(await blocks.among(userId, [...members.keys()])).keys()] : [];
      const showsReading = known.get(userId)?.privacy.readReceipts ?? true;
      if (!isShared) this.#sendToOwn(change);
      else if (showsReading) this.#sendToAll(change, blocked);
      else this.#sendWithoutReading(change, blocked);
    }
  }

  #sendToOwn({ receipt }: Change): void {
    this.#deps.events.toUser(receipt.userId, 'receipt', receipt);
  }

  /** Sends a receipt to all members except those whom the user blocks or who block the user. */
  #sendToAll({ receipt }: Change, exceptUserIds: readonly string[]): void {
    const { conversationId } = receipt;
    this.#deps.events.toConversation({ conversationId, exceptUserIds }, 'receipt', receipt);
  }

  /** Hides reading from other members: they get no `readSeq`, and no event if only that has changed. */
  #sendWithoutReading(change: Change, blocked: readonly string[]): void {
    this.#sendToOwn(change);
    if (!change.isDeliveredNew) return;
    const { conversationId, userId } = change.receipt;
    const shown = { ...change.receipt, readSeq: 0 };
    const exceptUserIds = [userId, ...blocked];
    this.#deps.events.toConversation({ conversationId, exceptUserIds }, 'receipt', shown);
  }
}

function merge(before: Change | undefined, change: Change): Change {
  if (before === undefined) return change;
  const { deliveredSeq, readSeq } = before.receipt;
  return {
    receipt: {
      ...change.receipt,
      deliveredSeq: Math.max(deliveredSeq, change.receipt.deliveredSeq),
      readSeq: Math.max(readSeq, change.receipt.readSeq),
    },
    isDeliveredNew: before.isDeliveredNew || change.isDeliveredNew,
    isReadNew: before.isReadNew || change.isReadNew,
  };
}
