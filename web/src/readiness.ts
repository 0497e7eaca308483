import { AppError, SECOND } from '@parley/common';

/** One part that this service works with. */
export interface Dependency {
  readonly name: string;
  /** Whether this service can do nothing useful without it. */
  readonly isNeeded: boolean;
  /** Rejects unless it works. */
  check(): Promise<unknown>;
}

/** Milliseconds for which an answer is reused, so that frequent checks put no load on the dependencies. */
const REUSED_FOR = SECOND;
/** Milliseconds in which a dependency must answer. */
const PATIENCE = 2 * SECOND;

/** Whether this service should get requests, and which of its dependencies work. */
export class Readiness {
  readonly #dependencies: readonly Dependency[];
  readonly #now: () => number;
  #checkedAt = -Infinity;
  #checking: Promise<void> = Promise.resolve();
  #details: Record<string, 'ok' | 'unavailable'> = {};

  /** @param now - monotonic milliseconds */
  constructor(dependencies: readonly Dependency[], now: () => number = () => performance.now()) {
    this.#dependencies = dependencies;
    this.#now = now;
  }

  /** What the last check found. */
  get details(): Readonly<Record<string, string>> {
    return this.#details;
  }

  /** Checks all dependencies, at most once a second. @throws AppError `unavailable` that names those which are needed */
  async ready(): Promise<void> {
    if (this.#now() - this.#checkedAt >= REUSED_FOR) {
      this.#checkedAt = this.#now();
      this.#checking = this.#checkAll();
    }
    await this.#checking;
    const missing = this.#dependencies.filter(
      ({ isNeeded, name }) => isNeeded && this.#details[name] !== 'ok',
    );
    if (missing.length === 0) return;
    const names = missing.map(({ name }) => name).join(', ');
    throw new AppError('unavailable', `Not available: ${names}`);
  }

  async #checkAll(): Promise<void> {
    const states = this.#dependencies.map(async (each) => {
      const works = await within(PATIENCE, each.check());
      return [each.name, works ? 'ok' : 'unavailable'] as const;
    });
    this.#details = Object.fromEntries(await Promise.all(states));
  }
}

/** Whether something resolves in time. */
function within(patience: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), patience);
    work
      .then(
        () => resolve(true),
        () => resolve(false),
      )
      .finally(() => clearTimeout(timer));
  });
}
