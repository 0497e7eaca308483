import { formatRoute, HOME, parseRoute, type Route } from './route.ts';

/** The parts of `window` that navigation needs. */
export type NavigationWindow = Pick<
  Window,
  'history' | 'location' | 'addEventListener' | 'removeEventListener'
>;

/** Keeps the route in the address, so that back, forward, reload and links work. */
export class Navigation {
  readonly #window: NavigationWindow;
  readonly #listeners = new Set<() => void>();
  #route: Route;

  constructor(window: NavigationWindow) {
    this.#window = window;
    this.#route = this.#read();
  }

  /** The current route; the same object until it changes. */
  readonly current = (): Route => this.#route;

  readonly subscribe = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) this.#window.addEventListener('popstate', this.#changed);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#window.removeEventListener('popstate', this.#changed);
    };
  };

  /** Merges the given changes into the current route and adds a history entry. */
  go(change: Partial<Route>): void {
    const next = { ...this.#route, ...change };
    if (formatRoute(next) === formatRoute(this.#route)) return;
    this.#window.history.pushState({ from: formatRoute(this.#route) }, '', formatRoute(next));
    this.#changed();
  }

  /** Like `go`, but replaces the current history entry. */
  replace(change: Partial<Route>): void {
    const next = { ...this.#route, ...change };
    this.#window.history.replaceState({ from: this.#from() }, '', formatRoute(next));
    this.#changed();
  }

  /** Closes a view: goes back if the previous entry is the target route, otherwise replaces the current entry. */
  close(change: Partial<Route>): void {
    const target = formatRoute({ ...this.#route, ...change });
    if (this.#from() === target) this.#window.history.back();
    else this.replace(change);
  }

  /** Resets the route, so that nothing of the previous account stays in the address. */
  reset(): void {
    this.replace(HOME);
  }

  #from(): string | null {
    const state: unknown = this.#window.history.state;
    const from =
      typeof state === 'object' && state !== null && 'from' in state ? state.from : undefined;
    return typeof from === 'string' ? from : null;
  }

  #read(): Route {
    return parseRoute(this.#window.location.pathname, this.#window.location.search);
  }

  readonly #changed = (): void => {
    this.#route = this.#read();
    for (const listener of [...this.#listeners]) listener();
  };
}
