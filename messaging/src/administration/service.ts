import type { ProfileReader } from '@parley/backend-common/domain';
import { AppError } from '@parley/common';
import type { OperationOutput } from '@parley/common/contract';

import type {
  ConversationDocument,
  ConversationRepository,
} from '../conversations/conversation-repository.ts';
import type { MemberDocument } from '../conversations/member-document.ts';
import type { DeviceDocument, DeviceRepository } from '../devices/repository.ts';
import type { ConversationLog } from '../log/conversation-log.ts';
import type { OutboxRepository } from '../push/outbox/outbox-repository.ts';
import type { PushDocument } from '../push/outbox/push-document.ts';
import type { InspectionRepository } from './inspection-repository.ts';

interface InspectionServiceDeps {
  readonly conversations: Pick<ConversationRepository, 'find'>;
  readonly log: Pick<ConversationLog, 'tails'>;
  readonly devices: Pick<DeviceRepository, 'ofUsers'>;
  readonly outbox: Pick<OutboxRepository, 'waiting'>;
  readonly profiles: Pick<ProfileReader, 'get'>;
  readonly inspection: InspectionRepository;
  /** The sockets of this node. */
  readonly sockets: { readonly size: number };
}

/** Pushes that are shown of each kind. */
const PUSHES = 50;
const COUNTED_TO = 10_000;
/** Characters of a registration token that tell two devices apart and are of no other use. */
const TOKEN_END = 6;

type InspectedPush = OperationOutput<'admin:push'>['pushes'][number];
type InspectedDevice = OperationOutput<'admin:push'>['devices'][number];

/** What administrators see of conversations and pushes: never what people write. The dispatcher has checked the caller. */
export class InspectionService {
  readonly #deps: InspectionServiceDeps;

  constructor(deps: InspectionServiceDeps) {
    this.#deps = deps;
  }

  /** A conversation without its content. @throws AppError `not_found` */
  async conversation(conversationId: string): Promise<OperationOutput<'admin:conversation'>> {
    const { createdAt, createdBy, kind, memberCount, summary } = await this.#find(conversationId);
    const tails = await this.#deps.log.tails([conversationId]);
    const lastSeq = tails.get(conversationId) ?? 0;
    const { lastAt } = summary;
    return { id: conversationId, kind, createdAt, createdBy, memberCount, lastSeq, lastAt };
  }

  /** The members of a conversation. @throws AppError `not_found` */
  async members(conversationId: string): Promise<OperationOutput<'admin:conversation-members'>> {
    const { inspection, profiles } = this.#deps;
    await this.#find(conversationId);
    const present = await inspection.membersOf(conversationId);
    const known = await profiles.get(present.map(({ userId }) => userId));
    return {
      members: present.map((member) => ({
        ...toInspectedMember(member),
        username: known.get(member.userId)?.profile.username ?? null,
      })),
    };
  }

  /** The devices of an account and its pushes. @throws AppError `not_found` */
  async push(user: string): Promise<OperationOutput<'admin:push'>> {
    const { devices, inspection } = this.#deps;
    const userId = await inspection.accountId(user.toLowerCase());
    if (userId === null) throw new AppError('not_found', 'There is no such account');
    const [owned, pushes] = await Promise.all([
      devices.ofUsers([userId]),
      inspection.pushesOf(userId, PUSHES),
    ]);
    return { userId, devices: owned.map(toInspectedDevice), pushes: pushes.map(toInspectedPush) };
  }

  /** How much there is. */
  async stats(): Promise<OperationOutput<'admin:stats'>> {
    const { inspection, outbox, sockets } = this.#deps;
    const [estimates, pushes, accountRemovals] = await Promise.all([
      inspection.estimate(),
      outbox.waiting(COUNTED_TO),
      inspection.accountRemovals(COUNTED_TO),
    ]);
    return { ...estimates, sockets: sockets.size, queues: { pushes, accountRemovals } };
  }

  async #find(conversationId: string): Promise<ConversationDocument> {
    const found = await this.#deps.conversations.find(conversationId);
    if (found === null) throw new AppError('not_found', 'There is no such conversation');
    return found;
  }
}

function toInspectedMember(member: MemberDocument) {
  const { deliveredAt = null, deliveredSeq, joinedAt, joinedSeq, userId } = member;
  const { readAt = null, readSeq, role } = member;
  return { userId, role, joinedAt, joinedSeq, deliveredSeq, deliveredAt, readSeq, readAt };
}

function toInspectedDevice(device: DeviceDocument): InspectedDevice {
  const { _id: id, createdAt, platform, sessionId, token } = device;
  // Of a short token, at most half is shown.
  const shown = Math.min(TOKEN_END, Math.floor(token.length / 2));
  return { id, sessionId, platform, createdAt, tokenEnd: token.slice(token.length - shown) };
}

function toInspectedPush(push: PushDocument): InspectedPush {
  const { attempts, conversationId, dueAt, failedSeq = null, pushed, seq } = push;
  const sent = pushed && {
    seq: pushed.seq,
    at: pushed.at.getTime(),
    deviceIds: [...pushed.deviceIds],
  };
  return {
    ...{ conversationId, seq, attempts, failedSeq },
    dueAt: dueAt?.getTime() ?? null,
    sent: sent ?? null,
  };
}
