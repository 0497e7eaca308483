import { LIMITS } from '@parley/common';
import type { Operations } from '@parley/common/contract';

import { AT, BEN, GROUP } from './examples.ts';
import type { Notes } from './notes.ts';

type PresenceNotes = Pick<Notes<Operations>, 'typing' | 'presence:watch' | 'presence:unwatch'>;

/** Notes on the operations that need a socket. */
export const presenceNotes: PresenceNotes = {
  typing: {
    description: `The sockets of the other members are told; nothing is stored, and they let it expire by themselves after ${LIMITS.typingExpires / 1_000} s. Of one socket at most one signal in ${LIMITS.typingEvery / 1_000} s is passed on, the rest is dropped silently; that somebody stopped is counted by itself.`,
    errors: ['not_found'],
    input: { conversationId: GROUP, typing: true },
    output: {},
  },
  'presence:watch': {
    description: `Answers how people look now, and tells the socket by the event \`presence\` when that changes. One sees people whom one knows: those of a shared group, and those of a direct conversation in which both have written. All others look offline. At most ${LIMITS.watchedPerCall} people a call and ${LIMITS.watchedPerSocket.toLocaleString('en')} a socket, beyond it \`limit_reached\`.`,
    errors: ['limit_reached'],
    input: { userIds: [BEN] },
    output: { presences: [{ userId: BEN, online: false, lastSeenAt: AT }] },
  },
  'presence:unwatch': {
    description: '',
    errors: [],
    input: { userIds: [BEN] },
    output: {},
  },
};
