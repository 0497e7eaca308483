import type { Logger } from '../logging/logger.ts';

/** What was opened, so that it is closed last-in first-out. */
export class Resources {
  readonly #closers: { name: string; close: () => Promise<unknown> | undefined }[] = [];
  readonly #logger: Logger;
  #closing: Promise<void> | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Remembers how to close what was opened on the line before. */
  defer(name: string, close: () => unknown): void {
    this.#closers.push({ name, close: () => Promise.resolve(close()) });
  }

  /** Closes everything once; one that fails is logged and does not keep the others open. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    for (const { name, close } of this.#closers.reverse()) {
      try {
        await close();
      } catch (error) {
        this.#logger.warn({ err: error, resource: name }, 'A resource did not close');
      }
    }
  }
}
