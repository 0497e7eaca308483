/** Pauses of one owner, which end when it stops. They do not keep the process alive. */
export class Pauses {
  readonly #waiting = new Set<() => void>();
  #isStopped = false;

  /** Resolves after `ms` milliseconds, or at once when the owner has stopped. */
  pause(ms: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms).unref();
      this.#waiting.add(end);
    });
  }

  /** Ends all pauses. */
  stop(): void {
    this.#isStopped = true;
    for (const end of this.#waiting) end();
  }
}
