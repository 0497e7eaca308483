import type { Platform } from './api/platform.ts';
import { memoryPlatform } from './platform/memory.ts';

const ID_BASE = 36;
const ID_LENGTH = 26;

/** Stops what was scheduled; calling it late or twice does nothing. */
export type Cancel = () => void;

/** Time, randomness and timers of one client, on top of its platform. */
export class Runtime {
  readonly platform: Platform;
  readonly #timers = new Set<Cancel>();
  readonly #pauses = new Set<() => void>();
  #offset = 0;
  #isClosed = false;

  constructor(platform: Partial<Platform> = {}) {
    this.platform = { ...memoryPlatform(), ...platform };
  }

  /** The server's clock, in milliseconds since the epoch; the device's until the server was heard. */
  now(): number {
    return this.platform.now() + this.#offset;
  }

  /** Takes the time that the server names now as the truth from here on. */
  setServerTime(time: number): void {
    this.#offset = time - this.platform.now();
  }

  /** Runs `task` after `ms` milliseconds, unless it is cancelled or the runtime is closed. */
  delay(ms: number, task: () => void): Cancel {
    if (this.#isClosed) return () => undefined;
    const stop = this.platform.setTimeout(() => {
      this.#timers.delete(cancel);
      task();
    }, ms);
    const cancel = () => {
      this.#timers.delete(cancel);
      stop();
    };
    this.#timers.add(cancel);
    return cancel;
  }

  /** A promise of the time after `ms` milliseconds; earlier when the runtime is closed. */
  pause(ms: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#pauses.delete(done);
        resolve();
      };
      this.#pauses.add(done);
      this.delay(ms, done);
    });
  }

  open(): void {
    this.#isClosed = false;
  }

  /** Cancels every timer; until `open` no other begins. */
  close(): void {
    this.#isClosed = true;
    for (const cancel of this.#timers) cancel();
    for (const done of this.#pauses) done();
  }

  /** A number from 0 up to but not including `below`. */
  random(below: number): number {
    return this.platform.random() * below;
  }

  /** A key that no other request has: 134 random bits. */
  newClientId(): string {
    let id = '';
    while (id.length < ID_LENGTH) {
      id += Math.floor(this.random(ID_BASE)).toString(ID_BASE);
    }
    return id;
  }
}
