import { formatRoute, HOME, parseRoute, type Route } from './route.ts';

/** The parts of `window` that navigation needs. */
export type NavigationWindow = Pick<
  Window,
  'history' | 'location' | 'addEventListener' | 'removeEventListener'
>;

/** Something above the route, such as a dialog, that Back closes. */
interface Layer {
  readonly id: number;
  /** Closes the layer, or answers `false` if it stays open. */
  readonly onBack: () => boolean;
}

/** Asks whether unsaved input may be discarded, and calls `leave` if so. */
export type LeaveGuard = (leave: () => void) => void;

/** Keeps the route in the address, so that back, forward, reload and links work. */
export class Navigation {
  readonly #window: NavigationWindow;
  readonly #listeners = new Set<() => void>();
  #route: Route;
  /** The open layers, the topmost last. Each has a history entry. */
  #layers: readonly Layer[] = [];
  #layerCount = 0;
  #guard: LeaveGuard | null = null;
  /** Whether `history.back()` was called and has not taken effect yet, and the tasks that wait for that. */
  #isReturning = false;
  #waiting: (() => void)[] = [];

  constructor(window: NavigationWindow) {
    this.#window = window;
    this.#route = this.#read();
  }

  /** The current route; the same object until it changes. */
  readonly current = (): Route => this.#route;

  readonly subscribe = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) this.#window.addEventListener('popstate', this.#popped);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#window.removeEventListener('popstate', this.#popped);
    };
  };

  /** Merges the given changes into the current route and adds a history entry. */
  go(change: Partial<Route>): void {
    this.#whenLeft({ ...this.#route, ...change }, (next) => {
      if (formatRoute(next) === formatRoute(this.#route)) return;
      this.#window.history.pushState({ from: formatRoute(this.#route) }, '', formatRoute(next));
      this.#changed();
    });
  }

  /** Like `go`, but replaces the current history entry and never asks. */
  replace(change: Partial<Route>): void {
    this.#belowLayers(() => {
      const next = { ...this.#route, ...change };
      this.#window.history.replaceState({ from: this.#from() }, '', formatRoute(next));
      this.#changed();
    });
  }

  /** Closes a view: goes back if the previous entry is the target route, otherwise replaces the current entry. */
  close(change: Partial<Route>): void {
    this.#whenLeft({ ...this.#route, ...change }, (next) => {
      if (this.#from() === formatRoute(next)) this.#return();
      else this.replace(next);
    });
  }

  /**
   * Closes a panel that several others open: goes back to the one that opened it, or to `fallback` if the page was
   * opened there.
   */
  closePanel(fallback: Partial<Route>): void {
    const from = this.#from();
    const { pathname, searchParams } = new URL(from ?? '/', 'http://localhost');
    const opener = parseRoute(pathname, searchParams.toString());
    const isSamePlace = opener.conversationId === this.#route.conversationId;
    this.close(from !== null && isSamePlace ? { panel: opener.panel } : fallback);
  }

  /** Resets the route, so that nothing of the previous account stays in the address. */
  reset(): void {
    this.replace(HOME);
  }

  /**
   * Opens a layer above the route. Back calls `onBack`, which closes it or answers `false`. Returns the function to call
   * when the layer is closed, however that happened.
   */
  openLayer(onBack: () => boolean): () => void {
    this.#layerCount += 1;
    const layer = { id: this.#layerCount, onBack };
    this.#layers = [...this.#layers, layer];
    this.#whenSettled(() => this.#pushLayer(layer));
    return () => {
      this.#whenSettled(() => {
        if (!this.#layers.includes(layer)) return;
        this.#layers = this.#layers.filter((each) => each !== layer);
        if (this.#state()['layer'] === layer.id) this.#return();
      });
    };
  }

  /** Asks before the current panel is left, until the returned function is called. */
  guardPanel(guard: LeaveGuard): () => void {
    this.#guard = guard;
    return () => {
      if (this.#guard === guard) this.#guard = null;
    };
  }

  #pushLayer({ id }: Layer): void {
    if (!this.#layers.some((layer) => layer.id === id)) return;
    const state = { from: this.#from(), layer: id };
    this.#window.history.pushState(state, '', formatRoute(this.#route));
  }

  /** Runs `then` when no step back is pending and, if the panel is left, its guard has agreed. */
  #whenLeft(next: Route, then: (next: Route) => void): void {
    this.#belowLayers(() => {
      const guard = next.panel === this.#route.panel ? null : this.#guard;
      const leave = () => {
        this.#guard = null;
        this.#belowLayers(() => then(next));
      };
      if (guard === null) leave();
      else guard(leave);
    });
  }

  /** Runs a task that changes the route after the history entries of open layers are removed: layers close with their view. */
  #belowLayers(task: () => void): void {
    this.#whenSettled(() => {
      const { layer } = this.#state();
      if (!this.#layers.some(({ id }) => id === layer)) {
        task();
        return;
      }
      this.#layers = this.#layers.filter(({ id }) => id !== layer);
      this.#waiting.push(() => this.#belowLayers(task));
      this.#return();
    });
  }

  /** Runs a task when no step back is pending, because a step back would undo a change of the route made before it. */
  #whenSettled(task: () => void): void {
    if (this.#isReturning) this.#waiting.push(task);
    else task();
  }

  #return(): void {
    this.#isReturning = this.#listeners.size > 0;
    this.#window.history.back();
  }

  #from(): string | null {
    const { from } = this.#state();
    return typeof from === 'string' ? from : null;
  }

  #state(): Readonly<Record<string, unknown>> {
    const state: unknown = this.#window.history.state;
    return typeof state === 'object' && state !== null ? (state as Record<string, unknown>) : {};
  }

  #read(): Route {
    return parseRoute(this.#window.location.pathname, this.#window.location.search);
  }

  readonly #popped = (): void => {
    const wasReturning = this.#isReturning;
    this.#isReturning = false;
    if (wasReturning || !(this.#closeLayer() || this.#holdPanel())) this.#changed();
    for (const task of this.#waiting.splice(0)) this.#whenSettled(task);
  };

  /** Handles Back by closing the topmost layer. Returns whether there was one. */
  #closeLayer(): boolean {
    const top = this.#layers.at(-1);
    if (top === undefined || this.#state()['layer'] === top.id) return false;
    this.#layers = this.#layers.slice(0, -1);
    if (top.onBack()) return formatRoute(this.#read()) === formatRoute(this.#route);
    this.#layers = [...this.#layers, top];
    this.#pushLayer(top);
    return true;
  }

  /** Handles Back from a guarded panel by asking first. Returns whether the panel is guarded. */
  #holdPanel(): boolean {
    const guard = this.#guard;
    if (guard === null || this.#read().panel === this.#route.panel) return false;
    const state = { from: formatRoute(this.#read()) };
    this.#window.history.pushState(state, '', formatRoute(this.#route));
    guard(() => {
      this.#guard = null;
      this.#belowLayers(() => this.#return());
    });
    return true;
  }

  readonly #changed = (): void => {
    this.#route = this.#read();
    for (const listener of [...this.#listeners]) listener();
  };
}
