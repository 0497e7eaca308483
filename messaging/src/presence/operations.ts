import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import { requireSocket, type MessagingContext } from '../transport/server/context.ts';
import type { PresenceService } from './service.ts';

export type PresenceOperation = `presence:${'watch' | 'unwatch'}`;

type PresenceHandlers = Pick<Handlers<Operations, MessagingContext>, PresenceOperation>;

/** Handlers of the operations on presence. */
export function presenceHandlers({
  presence,
}: {
  readonly presence: PresenceService;
}): PresenceHandlers {
  return {
    'presence:watch': async ({ userIds }, context) => ({
      presences: await presence.watch(requireSocket(context), userIds),
    }),
    'presence:unwatch': ({ userIds }, context) => {
      presence.unwatch(requireSocket(context), userIds);
      return Promise.resolve({});
    },
  };
}
