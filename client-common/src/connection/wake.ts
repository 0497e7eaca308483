import type { Context } from '../context.ts';

const BEAT = 30_000;
/** A beat this late means that the device slept. */
const SLEPT = 60_000;

export interface WakeContext extends Pick<Context, 'runtime'> {
  /** The device may have been away: look whether the connection still lives. */
  probe(): void;
  /** The app leaves the foreground: it may be ended at any time. */
  save(): void;
}

/** Notices sleep and wake, and what the platform says of network and foreground. */
export class Wake {
  readonly #context: WakeContext;
  #stops: ((() => void) | undefined)[] = [];

  constructor(context: WakeContext) {
    this.#context = context;
  }

  start(): void {
    const { onOnlineChange, onVisibilityChange } = this.#context.runtime.platform;
    this.stop();
    this.#stops = [
      this.#beat(),
      // Losing the network is a hint like finding it: the probe tells.
      onOnlineChange?.(() => this.#context.probe()),
      onVisibilityChange?.((visible) => {
        if (visible) this.#context.probe();
        else this.#context.save();
      }),
    ];
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop?.();
  }

  /** Timers stand still while a device sleeps and its clock does not. */
  #beat(): () => void {
    const { runtime } = this.#context;
    let last = runtime.platform.now();
    const beat = () => {
      const now = runtime.platform.now();
      if (Math.abs(now - last - BEAT) > SLEPT) this.#context.probe();
      last = now;
      cancel = runtime.delay(BEAT, beat);
    };
    let cancel = runtime.delay(BEAT, beat);
    return () => cancel();
  }
}
