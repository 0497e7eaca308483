import type { ProfileReader } from '@parley/backend-common/domain';
import { AppError, LIMITS, type Now } from '@parley/common';
import type {
  Delivery,
  OperationInput,
  PushReason,
  RecipientDelivery,
} from '@parley/common/contract';

import type { Access } from '../conversations/access.ts';
import type { MemberRepository, Progress } from '../conversations/member-repository.ts';
import type { DeviceRepository } from '../devices/repository.ts';
import type { MessageDocument } from '../log/entry-document.ts';
import type { EntryRepository } from '../log/entry-repository.ts';
import type { OutboxRepository, PushDocument } from '../push/outbox/outbox-repository.ts';
import type { PushBlocks } from '../push/ports.ts';

interface DeliveryReporterDeps {
  readonly access: Access;
  readonly entries: Pick<EntryRepository, 'findMessage'>;
  readonly members: Pick<MemberRepository, 'progressOf'>;
  readonly devices: Pick<DeviceRepository, 'usersWithDevice'>;
  readonly profiles: ProfileReader;
  readonly outbox: Pick<OutboxRepository, 'of'>;
  readonly blocks: PushBlocks;
  /** Whether pushes leave this server. */
  readonly reaches: boolean;
  /** Milliseconds in which nothing is scheduled yet. */
  readonly patience: number;
  readonly now: Now;
}

/** Tells senders what became of their messages. */
export class DeliveryReporter {
  readonly #deps: DeliveryReporterDeps;

  constructor(deps: DeliveryReporterDeps) {
    this.#deps = deps;
  }

  /**
   * What became of a message at everybody who was meant by it, is still a member; above 50 members only how many.
   * @throws AppError `not_found`; `forbidden` for whoever did not send it
   */
  async explain(
    { conversationId, messageId }: OperationInput<'message:delivery'>,
    userId: string,
  ): Promise<Delivery> {
    const message = await this.#ownMessage(conversationId, messageId, userId);
    const everybody = await this.#deps.members.progressOf(conversationId);
    const meant = everybody.filter((one) => one.userId !== userId && one.joinedSeq < message.seq);
    const shown = await this.#shown(meant, message);
    const isSmall = everybody.length <= LIMITS.receiptsInConversation;
    return {
      stored: message.at,
      recipients: isSmall ? await this.#recipients(shown, message) : [],
      counts: {
        delivered: shown.filter(({ deliveredAt }) => deliveredAt !== null).length,
        read: shown.filter(({ readAt }) => readAt !== null).length,
        of: shown.length,
      },
    };
  }

  async #ownMessage(
    conversationId: string,
    messageId: string,
    userId: string,
  ): Promise<MessageDocument> {
    const { access, entries } = this.#deps;
    const { member } = await access.require(conversationId, userId);
    const message = await entries.findMessage(conversationId, messageId);
    if (message === null || message.seq < member.joinedSeq) {
      throw new AppError('not_found', 'The message does not exist');
    }
    if (message.senderId !== userId) {
      throw new AppError('forbidden', 'Only its sender sees what became of a message');
    }
    return message;
  }

  /** What the sender may see of how far people are. Of somebody who blocked the sender that is nothing. */
  async #shown(meant: readonly Progress[], { senderId, seq }: MessageDocument): Promise<Shown[]> {
    const { blocks, now, profiles } = this.#deps;
    const at = now();
    const readers = meant.filter(({ readSeq }) => readSeq >= seq);
    const known = await profiles.get(readers.map(({ userId }) => userId));
    const hidden = await blocks.among(
      senderId,
      meant.map(({ userId }) => userId),
    );
    return meant.map((one) => {
      const isHidden = hidden.has(one.userId);
      const showsReading = known.get(one.userId)?.privacy.readReceipts ?? true;
      const hasIt = !isHidden && one.deliveredSeq >= seq;
      const hasRead = !isHidden && one.readSeq >= seq && showsReading;
      return {
        userId: one.userId,
        isHidden,
        isMuted: (one.settings.mutedUntil ?? 0) > at,
        deliveredAt: hasIt ? (one.deliveredAt ?? at) : null,
        readAt: hasRead ? (one.readAt ?? at) : null,
      };
    });
  }

  async #recipients(
    shown: readonly Shown[],
    message: MessageDocument,
  ): Promise<RecipientDelivery[]> {
    const { devices, outbox } = this.#deps;
    const ids = shown.filter(({ isHidden }) => !isHidden).map(({ userId }) => userId);
    const [reachable, pushes] = await Promise.all([
      devices.usersWithDevice(ids),
      outbox.of(message.conversationId, ids),
    ]);
    return shown.map((one) => {
      const { deliveredAt, readAt, userId } = one;
      const push = pushes.get(userId);
      const pushed = push?.pushed;
      if (pushed !== undefined && pushed.from <= message.seq && message.seq <= pushed.seq) {
        const pushedAt = pushed.at.getTime();
        return { userId, deliveredAt, readAt, push: 'sent', pushedAt, reason: null };
      }
      const hasDevice = reachable.has(userId);
      const reason =
        deliveredAt === null ? this.#reasonOf({ ...one, hasDevice }, message, push) : null;
      return { userId, deliveredAt, readAt, push: 'none', pushedAt: null, reason };
    });
  }

  #reasonOf(
    { hasDevice, isMuted }: Shown & { readonly hasDevice: boolean },
    { at, seq }: MessageDocument,
    push: PushDocument | undefined,
  ): PushReason {
    const { now, patience, reaches } = this.#deps;
    if (!hasDevice) return 'no_device';
    if (isMuted) return 'muted';
    if (!reaches) return 'not_set_up';
    const isWaiting = (push?.dueAt !== undefined && push.seq >= seq) || now() < at + 2 * patience;
    return isWaiting ? 'waiting' : 'failed';
  }
}

interface Shown {
  readonly userId: string;
  readonly isHidden: boolean;
  readonly isMuted: boolean;
  readonly deliveredAt: number | null;
  readonly readAt: number | null;
}
