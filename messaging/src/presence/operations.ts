import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import { requireSocket, type MessagingContext } from '../transport/server/context.ts';
import type { PresenceService } from './service.ts';
import type { WatchLimit } from './watch-limit.ts';

export type PresenceOperation = `presence:${'watch' | 'unwatch'}`;

type PresenceHandlers = Pick<Handlers<Operations, MessagingContext>, PresenceOperation>;

/** Handlers of the operations on presence. */
export function presenceHandlers({
  limit,
  presence,
}: {
  readonly presence: PresenceService;
  /** Absent where limits are switched off. */
  readonly limit: WatchLimit | undefined;
}): PresenceHandlers {
  return {
    async 'presence:watch'({ userIds }, context) {
      const socket = requireSocket(context);
      const { userId } = context.caller;
      limit?.take(userId, userIds.length);
      const mayLookUp = limit && (() => limit.mayLookUp(userId));
      return { presences: await presence.watch(socket, userIds, mayLookUp) };
    },
    'presence:unwatch': ({ userIds }, context) => {
      presence.unwatch(requireSocket(context), userIds);
      return Promise.resolve({});
    },
  };
}
