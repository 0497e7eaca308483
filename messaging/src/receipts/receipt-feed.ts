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

/** Tells sockets of receipts: of one conversation at most every 100 ms, of each member the newest. */
export class ReceiptFeed {
  readonly #deps: ReceiptFeedDeps;
  /** What waits, by conversation and member; a conversation stands here until it was quiet for 100 ms. */
  readonly #waiting = new Map<string, Map<string, Change>>();

  constructor(deps: ReceiptFeedDeps) {
    this.#deps = deps;
  }

  /** Takes note of marks that were raised. */
  note({ cleared, ...change }: Raised): void {
    const { conversationId, userId } = change.receipt;
    if (cleared !== undefined) {
      const payload = { action: 'updated', conversationId, settings: cleared } as const;
      this.#deps.events.toUser(userId, 'conversation', payload);
    }
    if (!change.isDeliveredNew && !change.isReadNew) return;
    const waiting = this.#waiting.get(conversationId);
    if (waiting === undefined) {
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
        await this.#tell(conversationId, changes);
      } catch (error) {
        this.#deps.reportFault('receipt_events_failed', error);
      }
      await new Promise<void>((resolve) => {
        this.#deps.timers.after(LIMITS.receiptEvents, resolve);
      });
    }
    this.#waiting.delete(conversationId);
  }

  async #tell(conversationId: string, changes: readonly Change[]): Promise<void> {
    const { blocks, log, profiles } = this.#deps;
    const { members } = (await log.state(conversationId)).membership;
    const isShared = members.size <= LIMITS.receiptsInConversation;
    const present = changes.filter(({ receipt }) => members.has(receipt.userId));
    const known = await profiles.get(present.map(({ receipt }) => receipt.userId));
    for (const change of present) {
      const { userId } = change.receipt;
      const shut = isShared ? [...(await blocks.among(userId, [...members.keys()])).keys()] : [];
      const showsReading = known.get(userId)?.privacy.readReceipts ?? true;
      if (!isShared) this.#tellOwn(change);
      else if (showsReading) this.#tellAll(change, shut);
      else this.#tellWithoutReading(change, shut);
    }
  }

  #tellOwn({ receipt }: Change): void {
    this.#deps.events.toUser(receipt.userId, 'receipt', receipt);
  }

  /** To everybody but those between whom and the person there is a block. */
  #tellAll({ receipt }: Change, exceptUserIds: readonly string[]): void {
    const { conversationId } = receipt;
    this.#deps.events.toConversation({ conversationId, exceptUserIds }, 'receipt', receipt);
  }

  /** Others learn nothing of the reading: no `readSeq`, and no event where only that has changed. */
  #tellWithoutReading(change: Change, shut: readonly string[]): void {
    this.#tellOwn(change);
    if (!change.isDeliveredNew) return;
    const { conversationId, userId } = change.receipt;
    const shown = { ...change.receipt, readSeq: 0 };
    const exceptUserIds = [userId, ...shut];
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
