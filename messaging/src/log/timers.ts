/** Timers of one owner, which can be cleared together. */
export interface Timers {
  /** Calls back once, after `ms` milliseconds. */
  after(ms: number, callback: () => void): void;
  /** Clears every timer that has not fired. */
  clear(): void;
}

/** Creates timers that do not keep the process alive. */
export function createTimers(): Timers {
  const running = new Set<NodeJS.Timeout>();
  return {
    after(ms, callback) {
      const timer = setTimeout(() => {
        running.delete(timer);
        callback();
      }, ms);
      timer.unref();
      running.add(timer);
    },
    clear() {
      for (const timer of running) clearTimeout(timer);
      running.clear();
    },
  };
}
