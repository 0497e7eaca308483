import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** The raw connections that became WebSockets: an HTTP server forgets them, but does not close before they do. */
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

  /** Gives clients `patience` milliseconds to say good-bye, then cuts those that are left. */
  async close(patience: number): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patience);
      this.#whenEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    for (const socket of this.#open) socket.destroy();
  }
}
