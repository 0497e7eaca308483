import type { ConnectionState } from '@parley/client-common';

/** A connection problem that the user should know about. */
export type Trouble = 'none' | 'connecting' | 'offline' | 'blocked' | 'unreachable';

/** Derives the connection problem to show from the connection state. */
export function troubleOf(state: ConnectionState): Trouble {
  switch (state.status) {
    case 'idle':
    case 'online':
    case 'signed-out':
      return 'none';
    case 'connecting':
      return state.attempt > 1 ? 'unreachable' : 'connecting';
    case 'waiting':
      if (state.reason === 'offline' || state.reason === 'blocked') return state.reason;
      // The server named the time at which another node takes over.
      return state.reason === 'draining' ? 'connecting' : 'unreachable';
  }
}
