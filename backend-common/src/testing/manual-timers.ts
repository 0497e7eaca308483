import type { SetTimer } from '../work/timers.ts';

/** Timers that expire when a test says so. */
export interface ManualTimers {
  readonly setTimer: SetTimer;
  /** Milliseconds of the timers that are set, in the order in which they were set. */
  readonly delays: readonly number[];
  /** Lets the timer that was set first expire. */
  fire(): void;
}

/** Timers for a test that must not depend on the clock. */
export function manualTimers(): ManualTimers {
  const timers: { readonly run: () => void; readonly delay: number }[] = [];
  return {
    setTimer(run, delay) {
      const timer = { run, delay };
      timers.push(timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
    get delays() {
      return timers.map(({ delay }) => delay);
    },
    fire() {
      const timer = timers.shift();
      if (timer === undefined) throw new Error('No timer is set');
      timer.run();
    },
  };
}
