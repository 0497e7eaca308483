import type { Platform } from './platform.ts';

const ID_BASE = 36;
const ID_LENGTH = 26;

const FIRST_WAIT = 250;
const LONGEST_WAIT = 25_000;

/** Cancels what was scheduled; a late or repeated call does nothing. */
export type Cancel = () => void;

/** The clock, the random numbers and the timers of one client. */
export class Runtime {
  readonly #platform: Platform;
  /** Functions that cancel the pending timers. */
  readonly #cancels = new Set<Cancel>();
  #offset = 0;
  #isClosed = false;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** The server's time in milliseconds since the epoch; until `setTime` is called, the device's time. */
  now(): number {
    return this.deviceNow() + this.#offset;
  }

  /** The device's clock, for measuring how much time has passed. */
  deviceNow(): number {
    return this.#platform.now();
  }

  /** Sets the server's clock to `time`. */
  setTime(time: number): void {
    this.#offset = time - this.deviceNow();
  }

  /** Runs `task` after `ms` milliseconds, unless it is cancelled or the runtime is closed. */
  delay(ms: number, task: () => void): Cancel {
    if (this.#isClosed) return () => undefined;
    const stop = this.#platform.setTimeout(() => {
      this.#cancels.delete(cancel);
      task();
    }, ms);
    const cancel = () => {
      this.#cancels.delete(cancel);
      stop();
    };
    this.#cancels.add(cancel);
    return cancel;
  }

  open(): void {
    this.#isClosed = false;
  }

  /** Cancels every timer; none starts until `open`. */
  close(): void {
    this.#isClosed = true;
    for (const cancel of this.#cancels) cancel();
  }

  /** A random number from 0 up to but not including `below`. */
  random(below: number): number {
    return this.#platform.random() * below;
  }

  /**
   * Milliseconds to wait before retry `attempt` (1 = the first): 0.25 s, doubling up to 25 s, and
   * then reduced by a random share of up to half, so that the clients of a restarted server do not all
   * return at once.
   */
  backoff(attempt: number): number {
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(attempt - 1, 16));
    return longest * (0.5 + this.random(0.5));
  }

  /** A new `clientId`: 134 random bits. */
  newClientId(): string {
    let id = '';
    while (id.length < ID_LENGTH) id += Math.floor(this.random(ID_BASE)).toString(ID_BASE);
    return id;
  }
}
