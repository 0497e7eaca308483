/**
 * Named events with typed payloads. Listeners run at once, in the order in which they subscribed;
 * the error of a listener reaches the caller of `emit`.
 */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>();

  /** Calls `listener` for each event of this name. Returns the function that unsubscribes it. */
  on<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  emit<Name extends keyof Events>(
    ...[name, payload]: undefined extends Events[Name] ? [Name] : [Name, Events[Name]]
  ): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(payload as never);
  }
}
