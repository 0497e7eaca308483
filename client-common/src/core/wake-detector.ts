import type { Platform } from './platform.ts';
import type { Runtime } from './runtime.ts';

const EVERY = 30_000;
/** A timer that is this late means that the device slept. */
const SLEPT = 60_000;

export interface WakeDetectorDeps {
  readonly runtime: Pick<Runtime, 'delay' | 'deviceNow'>;
  readonly platform: Pick<Platform, 'onOnlineChange' | 'onVisibilityChange'>;
  /** Checks the connection when the device may have slept or changed its network. */
  readonly probe: { check(): void };
  /** Writes when the app leaves the foreground: the system may end it at any time. */
  readonly cacheWriter: { flush(): void };
}

/** Detects sleep and wake-up, and follows the platform's signals of network and foreground. */
export class WakeDetector {
  readonly #deps: WakeDetectorDeps;
  #stops: ((() => void) | undefined)[] = [];

  constructor(deps: WakeDetectorDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { cacheWriter, platform, probe } = this.#deps;
    const woke = () => probe.check();
    this.stop();
    this.#stops = [
      this.#watchClock(woke),
      // A lost network is a hint as well: the check finds out whether the connection works.
      platform.onOnlineChange?.(woke),
      platform.onVisibilityChange?.((visible) => {
        if (visible) woke();
        else cacheWriter.flush();
      }),
    ];
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop?.();
  }

  /** While a device sleeps, its clock runs and its timers do not. */
  #watchClock(woke: () => void): () => void {
    const { runtime } = this.#deps;
    let last = runtime.deviceNow();
    const tick = () => {
      const now = runtime.deviceNow();
      if (Math.abs(now - last - EVERY) > SLEPT) woke();
      last = now;
      cancel = runtime.delay(EVERY, tick);
    };
    let cancel = runtime.delay(EVERY, tick);
    return () => cancel();
  }
}
