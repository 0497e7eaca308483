import type { ConnectionState } from '@parley/client-common';

/** What can be wrong with the connection, as far as it matters to a person. */
export type Trouble = 'none' | 'connecting' | 'offline' | 'unreachable';

/** What a person should know about the connection. */
export function troubleOf(state: ConnectionState): Trouble {
  switch (state.status) {
    case 'idle':
    case 'online':
    case 'signed-out':
      return 'none';
    case 'connecting':
      return state.attempt > 1 ? 'unreachable' : 'connecting';
    case 'waiting':
      return state.reason === 'offline' ? 'offline' : 'unreachable';
  }
}
