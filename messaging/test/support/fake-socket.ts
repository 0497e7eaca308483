import type { VerifiedCaller } from '@parley/backend-common';

import type { GatewaySocket } from '../../src/gateway/gateway-socket.ts';

/** A socket that only remembers what is done with it. */
export interface FakeSocket {
  readonly data: { caller: VerifiedCaller; address: string; mode: 'heads' | 'plain' };
  readonly emitted: unknown[][];
  connected: boolean;
  disconnected: boolean;
  emit(...emitted: unknown[]): boolean;
  disconnect(): void;
  asGatewaySocket(): GatewaySocket;
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
    asGatewaySocket() {
      return this as unknown as GatewaySocket;
    },
  };
}
