/** The writes in progress of each session, so that a client that reconnects at once reads their results. */
export class PendingWrites {
  readonly #bySession = new Map<string, Promise<unknown>>();

  /** Records a write, which must not reject. */
  add(sessionId: string, writing: Promise<void>): void {
    const all = Promise.all([this.#bySession.get(sessionId), writing]);
    this.#bySession.set(sessionId, all);
    void all.then(() => {
      if (this.#bySession.get(sessionId) === all) this.#bySession.delete(sessionId);
    });
  }

  /** Resolves when all writes that were recorded so far have ended. */
  async settled(sessionId: string): Promise<void> {
    await this.#bySession.get(sessionId);
  }

  /** Resolves when all writes of all sessions that were recorded so far have ended. */
  async allSettled(): Promise<void> {
    await Promise.all(this.#bySession.values());
  }
}
