/** Timers of one owner, so that it can end them all. */
export interface Timers {
  /** Calls back once, after `ms` milliseconds. */
  after(ms: number, callback: () => void): void;
  /** Ends every timer that has not fired. */
  clear(): void;
}

/** Timers of the event loop; none keeps the process alive. */
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
