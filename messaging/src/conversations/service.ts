import { AppError, type Now } from '@parley/common';
import type { Conversation, OperationInput, Settings } from '@parley/common/contract';

import type { ConversationLog } from '../log/conversation-log.ts';
import type { Access } from './access.ts';
import type {
  ConversationDocument,
  ConversationRepository,
  NewConversation,
} from './conversation-repository.ts';
import { directKeyOf } from './direct-key.ts';
import type { MemberRepository } from './member-repository.ts';
import type { InvitationPolicy } from './invitation-policy.ts';
import type { Invitations } from './invitations.ts';
import type { SocketEvents } from './ports.ts';
import type { ConversationPresenter } from './presenter.ts';
import type { MembershipProjector } from '../projection/membership-projector.ts';

export interface ConversationServiceDeps {
  readonly log: Pick<ConversationLog, 'append'>;
  readonly access: Access;
  readonly conversations: ConversationRepository;
  readonly members: Pick<MemberRepository, 'changeSettings'>;
  readonly policy: InvitationPolicy;
  readonly invitations: Pick<Invitations, 'store'>;
  readonly presenter: ConversationPresenter;
  readonly projector: Pick<MembershipProjector, 'ensure'>;
  readonly events: Pick<SocketEvents, 'toUser'>;
  readonly newId: () => string;
  readonly now: Now;
}

type GroupInput = Extract<OperationInput<'conversation:create'>, { kind: 'group' }>;
type Founding = Omit<NewConversation, '_id' | 'createdAt'>;

/** Creates conversations, and changes their titles and the settings of their members. */
export class ConversationService {
  readonly #deps: ConversationServiceDeps;

  constructor(deps: ConversationServiceDeps) {
    this.#deps = deps;
  }

  /** The one direct conversation of two users. @throws AppError `invalid_input`, `not_found`, `recipient_unavailable`, `blocked`, `limit_reached`, `rate_limited` */
  async openDirect(userId: string, otherId: string): Promise<Conversation> {
    if (userId === otherId) {
      const issues = [{ path: 'userId', message: 'Must be another user' }];
      throw new AppError('invalid_input', 'A direct conversation needs two users', { issues });
    }
    const { conversations, policy, presenter } = this.#deps;
    await policy.requireReachable(userId, [otherId]);
    const directKey = directKeyOf(userId, otherId);
    const founding: Founding = {
      kind: 'direct',
      directKey,
      createdBy: userId,
      founders: [userId, otherId],
      founderTitle: null,
    };
    const { _id } = (await conversations.findDirect(directKey)) ?? (await this.#found(founding));
    return presenter.present(_id, userId);
  }

  /** A group. The same creator and `clientId` return the same group. @throws AppError `client_id_reused`, `not_found`, `recipient_unavailable`, `blocked`, `limit_reached`, `rate_limited` */
  async createGroup(userId: string, input: GroupInput): Promise<Conversation> {
    const { conversations, policy, presenter } = this.#deps;
    const { clientId, title, userIds } = input;
    const founders = [userId, ...userIds.filter((other) => other !== userId)];
    const founding: Founding = {
      kind: 'group',
      createdBy: userId,
      founders,
      founderTitle: title,
      ...(clientId === undefined ? {} : { clientId }),
    };
    const known = clientId === undefined ? null : await conversations.findCreated(userId, clientId);
    if (known === null) await policy.requireReachable(userId, founders.slice(1));
    const conversation = known ?? (await this.#found(founding));
    requireSameFounding(conversation, founding);
    return presenter.present(conversation._id, userId);
  }

  /** Changes the title, if one is given. @throws AppError `not_found`, `forbidden` */
  async update(
    userId: string,
    input: OperationInput<'conversation:update'>,
  ): Promise<Conversation> {
    const { clientId, conversationId, title } = input;
    if (title !== undefined) {
      const content = { kind: 'title', title } as const;
      await this.#deps.log.append({ conversationId, senderId: userId, clientId, content });
    }
    return this.#deps.presenter.present(conversationId, userId);
  }

  /** Changes the settings of a member, and sends them to its devices. @throws AppError `not_found` */
  async changeSettings(
    userId: string,
    { conversationId, ...change }: OperationInput<'conversation:settings'>,
  ): Promise<Settings> {
    const { access, events, members, projector } = this.#deps;
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    const { state } = await access.require(conversationId, userId);
    const store = () => members.changeSettings(conversationId, userId, Object.fromEntries(given));
    const settings = (await store()) ?? (await projector.ensure(state).then(store));
    if (settings === null) throw new AppError('not_found', 'The conversation does not exist');
    if (given.length > 0) {
      events.toUser(userId, 'conversation', { action: 'updated', conversationId, settings });
    }
    return settings;
  }

  async #found(founding: Founding): Promise<ConversationDocument> {
    const { conversations, invitations, newId, now, policy } = this.#deps;
    const { createdBy: addedBy, founders, kind } = founding;
    const userIds = founders.filter((userId) => userId !== addedBy);
    const strangers = await policy.requireRoom({ addedBy, userIds, kind });
    const wanted = { ...founding, _id: newId(), createdAt: now() };
    const found = await conversations.createOnce(wanted);
    // Stored before entry 1, which adds the members.
    if (found._id === wanted._id) {
      await invitations.store({ addedBy, userIds: strangers, kind, conversationId: found._id });
    }
    return found;
  }
}

/** @throws AppError `client_id_reused` when the group of this `clientId` was created with another title or other members */
function requireSameFounding(found: ConversationDocument, wanted: Founding): void {
  const founders = new Set(found.founders);
  const isSame =
    found.founderTitle === wanted.founderTitle &&
    founders.size === wanted.founders.length &&
    wanted.founders.every((userId) => founders.has(userId));
  if (!isSame) throw new AppError('client_id_reused', 'The clientId was used for another group');
}
