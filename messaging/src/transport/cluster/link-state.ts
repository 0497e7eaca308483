/** Whether cluster events of other nodes arrive. */
export interface LinkState {
  readonly isUp: boolean;
  /** Calls `listener` at each change. */
  subscribe(listener: (isUp: boolean) => void): void;
}

/** The link of a single node, which needs no cluster events. It is always up. */
export const noLink: LinkState = { isUp: true, subscribe: () => undefined };

/** A link state that its owner sets. */
export class SettableLink implements LinkState {
  readonly #listeners: ((isUp: boolean) => void)[] = [];
  #isUp: boolean;

  constructor(isUp: boolean) {
    this.#isUp = isUp;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  subscribe(listener: (isUp: boolean) => void): void {
    this.#listeners.push(listener);
  }

  /** Notifies the listeners if this is a change. */
  set(isUp: boolean): void {
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    for (const listener of this.#listeners) listener(isUp);
  }
}
