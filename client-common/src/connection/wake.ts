import type { Runtime } from '../runtime.ts';

const BEAT = 30_000;
/** A beat this late means that the device slept. */
const SLEPT = 60_000;

export interface WakeDeps {
  readonly runtime: Runtime;
  /** The device may have been away: look whether the connection still lives. */
  readonly woke: () => void;
  /** The app leaves the foreground: it may be ended at any time. */
  readonly hidden: () => void;
}

/** Notices sleep and wake, and what the platform says of network and foreground. */
export class Wake {
  readonly #deps: WakeDeps;
  #stops: (() => void)[] = [];

  constructor(deps: WakeDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { runtime, woke, hidden } = this.#deps;
    const { onOnlineChange, onVisibilityChange } = runtime.platform;
    this.stop();
    this.#beat();
    // Losing the network is a hint like finding it: the probe tells.
    if (onOnlineChange) this.#stops.push(onOnlineChange(woke));
    if (onVisibilityChange) {
      this.#stops.push(
        onVisibilityChange((visible) => {
          if (visible) woke();
          else hidden();
        }),
      );
    }
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** Timers stand still while a device sleeps and its clock does not. */
  #beat(): void {
    const { runtime, woke } = this.#deps;
    let last = runtime.platform.now();
    const beat = () => {
      const now = runtime.platform.now();
      if (Math.abs(now - last - BEAT) > SLEPT) woke();
      last = now;
      cancel = runtime.delay(BEAT, beat);
    };
    let cancel = runtime.delay(BEAT, beat);
    this.#stops.push(() => {
      cancel();
    });
  }
}
