import type { ProfileReader } from '@parley/backend-common';
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

interface DeliveryReporterDeps {
  readonly access: Access;
  readonly entries: Pick<EntryRepository, 'findMessage'>;
  readonly members: Pick<MemberRepository, 'progressOf'>;
  readonly devices: Pick<DeviceRepository, 'usersWithDevice'>;
  readonly profiles: ProfileReader;
  readonly now: Now;
}

/** Tells senders what became of their messages. */
export class DeliveryReporter {
  readonly #deps: DeliveryReporterDeps;

  constructor(deps: DeliveryReporterDeps) {
    this.#deps = deps;
  }

  /**
   * What became of a message at everybody who was meant by it and is still a member; above 50 members only how many.
   * @throws AppError `not_found`; `forbidden` for whoever did not send it
   */
  async explain(
    { conversationId, messageId }: OperationInput<'message:delivery'>,
    userId: string,
  ): Promise<Delivery> {
    const message = await this.#ownMessage(conversationId, messageId, userId);
    const everybody = await this.#deps.members.progressOf(conversationId);
    const meant = everybody.filter((one) => one.userId !== userId && one.joinedSeq < message.seq);
    const shown = await this.#shown(meant, message.seq);
    const isSmall = everybody.length <= LIMITS.receiptsInConversation;
    return {
      stored: message.at,
      recipients: isSmall ? await this.#recipients(shown) : [],
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

  /** What the sender may see of how far people are. */
  async #shown(meant: readonly Progress[], seq: number): Promise<Shown[]> {
    const { now, profiles } = this.#deps;
    const at = now();
    const readers = meant.filter(({ readSeq }) => readSeq >= seq);
    const known = await profiles.get(readers.map(({ userId }) => userId));
    return meant.map((one) => {
      const showsReading = known.get(one.userId)?.privacy.readReceipts ?? true;
      return {
        userId: one.userId,
        isMuted: (one.settings.mutedUntil ?? 0) > at,
        deliveredAt: one.deliveredSeq < seq ? null : (one.deliveredAt ?? at),
        readAt: one.readSeq < seq || !showsReading ? null : (one.readAt ?? at),
      };
    });
  }

  async #recipients(shown: readonly Shown[]): Promise<RecipientDelivery[]> {
    const missing = shown.filter(({ deliveredAt }) => deliveredAt === null);
    const ids = missing.map(({ userId }) => userId);
    const reachable = await this.#deps.devices.usersWithDevice(ids);
    return shown.map((one) => {
      const { deliveredAt, readAt, userId } = one;
      const reason = deliveredAt === null ? reasonOf(one, reachable) : null;
      return { userId, deliveredAt, readAt, push: 'none', pushedAt: null, reason };
    });
  }
}

interface Shown {
  readonly userId: string;
  readonly isMuted: boolean;
  readonly deliveredAt: number | null;
  readonly readAt: number | null;
}

function reasonOf({ isMuted, userId }: Shown, reachable: ReadonlySet<string>): PushReason {
  if (!reachable.has(userId)) return 'no_device';
  return isMuted ? 'muted' : 'not_set_up';
}
