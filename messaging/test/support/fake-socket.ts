import type { VerifiedCaller } from '@parley/backend-common';

import type { ClientSocket } from '../../src/transport/server/socket.ts';

/** A socket that only remembers what is done with it. */
export interface FakeSocket {
  readonly data: { caller: VerifiedCaller; address: string; mode: 'heads' | 'plain' };
  readonly emitted: unknown[][];
  connected: boolean;
  disconnected: boolean;
  emit(...emitted: unknown[]): boolean;
  disconnect(): void;
  asClientSocket(): ClientSocket;
}

/** A socket of somebody, without a connection. */
export function fakeSocket(caller: VerifiedCaller): FakeSocket {
  return {
    data: { caller, address: '127.0.0.1', mode: 'heads' },
    emitted: [],
    connected: true,
    disconnected: false,
    emit(...emitted) {
      this.emitted.push(emitted);
      return true;
    },
    disconnect() {
      this.connected = false;
      this.disconnected = true;
    },
    asClientSocket() {
      return this as unknown as ClientSocket;
    },
  };
}
