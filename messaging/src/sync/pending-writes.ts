/** What is being written for each session, so that a connection that comes back at once reads what is true. */
export class PendingWrites {
  readonly #bySession = new Map<string, Promise<unknown>>();

  /** Notes a write, which must not reject. */
  add(sessionId: string, writing: Promise<void>): void {
    const all = Promise.all([this.#bySession.get(sessionId), writing]);
    this.#bySession.set(sessionId, all);
    void all.then(() => {
      if (this.#bySession.get(sessionId) === all) this.#bySession.delete(sessionId);
    });
  }

  /** Resolves when everything is written that was noted so far. */
  async settled(sessionId: string): Promise<void> {
    await this.#bySession.get(sessionId);
  }
}
