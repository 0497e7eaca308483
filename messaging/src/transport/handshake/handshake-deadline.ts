import { SECOND } from '@parley/common';

import type { ClientSocket } from '../server/socket.ts';
import { breakOff, CLOSING } from './break-off.ts';

type Connection = ClientSocket['conn'];

/** Milliseconds in which a connection has to be admitted. */
export const HANDSHAKE_PATIENCE = 10 * SECOND;

/**
 * Cuts each connection that is not admitted in time, whatever it sends meanwhile. Socket.IO closes it politely at that
 * time; the WebSocket then waits half a minute for a client that does not answer.
 */
export class HandshakeDeadline {
  readonly #patience: number;
  readonly #timers = new WeakMap<Connection, NodeJS.Timeout>();

  /** @param patience - milliseconds; default {@link HANDSHAKE_PATIENCE} */
  constructor(patience = HANDSHAKE_PATIENCE) {
    this.#patience = patience + CLOSING;
  }

  watch(connection: Connection): void {
    const timer = setTimeout(() => breakOff(connection), this.#patience);
    this.#timers.set(connection, timer.unref());
  }

  admit(connection: Connection): void {
    clearTimeout(this.#timers.get(connection));
    this.#timers.delete(connection);
  }
}
