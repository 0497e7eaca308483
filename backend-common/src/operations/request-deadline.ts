import { AppError, LIMITS, SECOND } from '@parley/common';

/**
 * Milliseconds after which a request is answered `unavailable` although it is still in progress. A little more than the
 * log keeps an entry waiting, so that its own refusal comes first.
 */
export const REQUEST_PATIENCE = LIMITS.appendDeadline + SECOND / 2;

/** Milliseconds between two looks at the requests in progress: an answer comes this much early or late at most. */
const EVERY = SECOND / 4;

/** What a request that takes too long is answered. It continues: a repeat with the same key gets its result. */
export const overdueError = (): AppError =>
  new AppError('unavailable', 'The request takes too long; repeat it');

/** A request that somebody waits for, and its neighbours in the order of arrival. */
export interface TimedRequest<Self> {
  /** When it arrived, in milliseconds of `performance.now()`, at most a quarter of a second early. */
  arrivedAt: number;
  older: Self | undefined;
  newer: Self | undefined;
}

/**
 * Bounds the time of requests, whatever they wait for and one after the other. One timer looks at all of them. Requests
 * are a list of their own: a timer, or an entry in a set, would cost each of them a part of a microsecond.
 */
export class RequestDeadline<Request extends TimedRequest<Request>> {
  readonly #onOverdue: (request: Request) => void;
  #oldest: Request | undefined;
  #newest: Request | undefined;
  #lookedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  /** @param onOverdue - called once with each request that is in progress after {@link REQUEST_PATIENCE} */
  constructor(onOverdue: (request: Request) => void) {
    this.#onOverdue = onOverdue;
  }

  /** Looks at the requests from now on. */
  start(): void {
    this.#timer ??= setInterval(() => this.endOverdue(performance.now()), EVERY).unref();
  }

  /** Looks no more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** A request has begun. */
  begin(request: Request): void {
    request.arrivedAt = this.#lookedAt;
    request.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = request;
    else this.#newest.newer = request;
    this.#newest = request;
  }

  /** A request has ended. */
  end(request: Request): void {
    const { newer, older } = request;
    // It was overdue, and is not in the list any more.
    if (older === undefined && this.#oldest !== request) return;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    request.older = undefined;
    request.newer = undefined;
  }

  /** Calls `onOverdue` with the requests whose time is over. @param now - in milliseconds of `performance.now()` */
  endOverdue(now: number): void {
    this.#lookedAt = now;
    for (let request = this.#oldest; request !== undefined; request = this.#oldest) {
      if (now - request.arrivedAt < REQUEST_PATIENCE) return;
      this.end(request);
      this.#onOverdue(request);
    }
  }
}
