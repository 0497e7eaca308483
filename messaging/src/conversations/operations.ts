import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { MessagingContext } from '../transport/server/context.ts';
import type { ConversationList } from './list.ts';
import type { MembershipService } from './membership.ts';
import type { ConversationPresenter } from './presenter.ts';
import type { ConversationService } from './service.ts';

interface ConversationHandlersDeps {
  readonly service: ConversationService;
  readonly membership: MembershipService;
  readonly list: ConversationList;
  readonly presenter: ConversationPresenter;
}

export type ConversationOperation =
  | `conversation:${'create' | 'list' | 'get' | 'update' | 'settings'}`
  | `member:${'list' | 'add' | 'remove' | 'role'}`;

/** Handlers of the operations on conversations and their members. */
export function conversationHandlers(
  deps: ConversationHandlersDeps,
): Handlers<Pick<Operations, ConversationOperation>, MessagingContext> {
  const { list, membership, presenter, service } = deps;
  return {
    'conversation:create': (input, { caller }) =>
      input.kind === 'direct'
        ? service.openDirect(caller.userId, input.userId)
        : service.createGroup(caller.userId, input),
    'conversation:list': (input, { caller }) => list.page(caller.userId, input),
    'conversation:get': ({ conversationId }, { caller }) =>
      presenter.present(conversationId, caller.userId),
    'conversation:update': (input, { caller }) => service.update(caller.userId, input),
    'conversation:settings': (input, { caller }) => service.changeSettings(caller.userId, input),
    'member:list': (input, { caller }) => membership.page(caller.userId, input),
    'member:add': async (input, { caller }) => ({
      members: await membership.add(caller.userId, input),
    }),
    'member:remove': async (input, { caller }) => {
      await membership.remove(caller.userId, input);
      return {};
    },
    'member:role': (input, { caller }) => membership.changeRole(caller.userId, input),
  };
}
