import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** The connections that became WebSockets: `http.Server` does not list them, but waits for them when it closes. */
export class UpgradedSockets {
  readonly #open = new Set<Duplex>();
  #whenEmpty: (() => void) | undefined;

  constructor(server: Server) {
    server.on('upgrade', (_request, socket: Duplex) => {
      this.#open.add(socket);
      socket.on('close', () => {
        this.#open.delete(socket);
        if (this.#open.size === 0) this.#whenEmpty?.();
      });
    });
  }

  /** Waits `timeout` milliseconds for the closing handshakes of clients, then destroys the connections that are left. */
  async close(timeout: number): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeout);
      this.#whenEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    for (const socket of this.#open) socket.destroy();
  }
}
