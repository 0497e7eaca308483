import type { Handlers, RequestContext } from '@parley/backend-common';
import { LIMITS } from '@parley/common';
import { CONTRACT, type AuthOperations, type WebPush } from '@parley/common/contract';

import type { AccountService } from './accounts/service.ts';
import type { ProfileService } from './profiles/service.ts';
import type { SessionService } from './sessions/service.ts';

interface HandlerDeps {
  readonly accounts: AccountService;
  readonly sessions: SessionService;
  readonly profiles: ProfileService;
  readonly registration: 'open' | 'closed';
  readonly webPush: WebPush | undefined;
}

/** One handler for each operation of the auth service. */
export function createHandlers(deps: HandlerDeps): Handlers<AuthOperations, RequestContext> {
  const { accounts, profiles, registration, sessions, webPush } = deps;
  return {
    'auth:register': (input, context) => accounts.register(input, context),
    'auth:login': (input, context) => accounts.login(input, context),
    'auth:logout': async (_, { caller }) => {
      await sessions.revoke(caller.userId, caller.sessionId);
      return {};
    },
    'session:list': async (_, { caller }) => ({ sessions: await sessions.list(caller) }),
    'session:revoke': async ({ id }, { caller }) => {
      await sessions.revoke(caller.userId, id);
      return {};
    },
    'session:revoke-others': async (_, { caller }) => {
      await sessions.revokeOthers(caller);
      return {};
    },
    'auth:password': async (input, { address, caller }) => {
      await accounts.changePassword(input, caller, address);
      return {};
    },
    'me:get': (_, { caller }) => profiles.getOwn(caller.userId),
    'me:update': (input, { caller }) => profiles.update(caller.userId, input),
    'user:get': ({ id }) => profiles.getPublic(id),
    'user:search': async ({ prefix, username }, { caller }) => ({
      users:
        username === undefined
          ? await profiles.search(prefix ?? '', caller.userId)
          : await profiles.findByUsername(username, caller.userId),
    }),
    'meta:get': () =>
      Promise.resolve({
        contract: CONTRACT,
        registration,
        passwordMinLength: LIMITS.passwordMin,
        textMaxLength: LIMITS.textMax,
        attachmentMaxBytes: LIMITS.attachmentBytes,
        ...(webPush === undefined ? {} : { push: webPush }),
      }),
  };
}
