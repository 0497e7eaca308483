import type { ProfileReader } from '@parley/backend-common/domain';
import { AppError, LIMITS, type Now } from '@parley/common';
import type {
  Delivery,
  OperationInput,
  PushReason,
  RecipientDelivery,
} from '@parley/common/contract';

import type { Access } from '../conversations/access.ts';
import type { Progress } from '../conversations/member-document.ts';
import type { MemberRepository } from '../conversations/member-repository.ts';
import type { DeviceRepository } from '../devices/repository.ts';
import type { MessageDocument } from '../log/entry-document.ts';
import type { EntryRepository } from '../log/entry-repository.ts';
import type { OutboxRepository } from '../push/outbox/outbox-repository.ts';
import type { PushDocument } from '../push/outbox/push-document.ts';
import type { PushBlocks } from '../push/ports.ts';

interface DeliveryReporterDeps {
  readonly access: Access;
  readonly entries: Pick<EntryRepository, 'findMessage'>;
  readonly members: Pick<MemberRepository, 'progressOf'>;
  readonly devices: Pick<DeviceRepository, 'usersWithDevice'>;
  readonly profiles: ProfileReader;
  readonly outbox: Pick<OutboxRepository, 'of'>;
  readonly blocks: PushBlocks;
  /** Whether pushes are sent rather than logged. */
  readonly isPushConfigured: boolean;
  /** Milliseconds after a message before which no push is scheduled. */
  readonly acknowledgeWithin: number;
  readonly now: Now;
}

/** Reports to senders how their messages were delivered. */
export class DeliveryReporter {
  readonly #deps: DeliveryReporterDeps;

  constructor(deps: DeliveryReporterDeps) {
    this.#deps = deps;
  }

  /**
   * The delivery of a message to each recipient who is still a member; above 50 members only the counts.
   * @throws AppError `not_found`, `forbidden` unless the caller sent the message
   */
  async explain(
    { conversationId, messageId }: OperationInput<'message:delivery'>,
    userId: string,
  ): Promise<Delivery> {
    const message = await this.#ownMessage(conversationId, messageId, userId);
    const members = await this.#deps.members.progressOf(conversationId);
    const recipients = members.filter(
      (member) => member.userId !== userId && member.joinedSeq < message.seq,
    );
    const visible = await this.#visible(recipients, message);
    const isSmall = members.length <= LIMITS.receiptsInConversation;
    return {
      stored: message.at,
      recipients: isSmall ? await this.#recipients(visible, message) : [],
      counts: {
        delivered: visible.filter(({ deliveredAt }) => deliveredAt !== null).length,
        read: visible.filter(({ readAt }) => readAt !== null).length,
        of: visible.length,
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
      throw new AppError('forbidden', 'Only the sender can see the delivery of a message');
    }
    return message;
  }

  /** What the sender may see: nothing of recipients whom a block separates from the sender, or of hidden read receipts. */
  async #visible(
    recipients: readonly Progress[],
    { senderId, seq }: MessageDocument,
  ): Promise<VisibleDelivery[]> {
    const { blocks, now, profiles } = this.#deps;
    const at = now();
    const readers = recipients.filter(({ readSeq }) => readSeq >= seq);
    const records = await profiles.get(readers.map(({ userId }) => userId));
    const hidden = await blocks.among(
      senderId,
      recipients.map(({ userId }) => userId),
    );
    return recipients.map((one) => {
      const isHidden = hidden.has(one.userId);
      const showsRead = records.get(one.userId)?.privacy.readReceipts ?? true;
      const isDelivered = !isHidden && one.deliveredSeq >= seq;
      const isRead = !isHidden && one.readSeq >= seq && showsRead;
      return {
        userId: one.userId,
        isHidden,
        isMuted: (one.settings.mutedUntil ?? 0) > at,
        deliveredAt: isDelivered ? (one.deliveredAt ?? at) : null,
        readAt: isRead ? (one.readAt ?? at) : null,
      };
    });
  }

  async #recipients(
    visible: readonly VisibleDelivery[],
    message: MessageDocument,
  ): Promise<RecipientDelivery[]> {
    const { devices, outbox } = this.#deps;
    const ids = visible.filter(({ isHidden }) => !isHidden).map(({ userId }) => userId);
    const [reachable, pushes] = await Promise.all([
      devices.usersWithDevice(ids),
      outbox.of(message.conversationId, ids),
    ]);
    return visible.map((one) => {
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
    { hasDevice, isMuted }: VisibleDelivery & { readonly hasDevice: boolean },
    { at, seq }: MessageDocument,
    push: PushDocument | undefined,
  ): PushReason {
    const { acknowledgeWithin, isPushConfigured, now } = this.#deps;
    if (!hasDevice) return 'no_device';
    if (isMuted) return 'muted';
    if (!isPushConfigured) return 'not_set_up';
    const isWaiting =
      (push?.dueAt !== undefined && push.seq >= seq) || now() < at + 2 * acknowledgeWithin;
    return isWaiting ? 'waiting' : 'failed';
  }
}

interface VisibleDelivery {
  readonly userId: string;
  readonly isHidden: boolean;
  readonly isMuted: boolean;
  readonly deliveredAt: number | null;
  readonly readAt: number | null;
}
