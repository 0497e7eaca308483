import { AppError, LIMITS, SECOND } from '@parley/common';

/**
 * Milliseconds after which a request is answered `unavailable` although it is still in progress. A little more than the
 * log keeps an entry waiting, so that its own refusal comes first.
 */
export const REQUEST_PATIENCE = LIMITS.appendDeadline + SECOND / 2;

/** Milliseconds between two looks at the requests in progress: an answer comes this much late at most. */
const EVERY = SECOND / 4;

/** What a request that takes too long is answered. It continues: a repeat with the same key gets its result. */
export const overdueError = (): AppError =>
  new AppError('unavailable', 'The request takes too long; repeat it');

/** A request that somebody waits for. */
export interface TimedRequest {
  /** When it arrived, in milliseconds of `performance.now()`. */
  readonly arrivedAt: number;
}

/**
 * Bounds the time of requests, whatever they wait for and one after the other. One timer looks at all of them: a request
 * costs an entry in a set, not a timer.
 */
export class RequestDeadline<Request extends TimedRequest> {
  readonly #onOverdue: (request: Request) => void;
  /** In the order of arrival. */
  readonly #inProgress = new Set<Request>();
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
    this.#inProgress.add(request);
  }

  /** A request has ended. */
  end(request: Request): void {
    this.#inProgress.delete(request);
  }

  /** Calls `onOverdue` with the requests whose time is over. @param now - in milliseconds of `performance.now()` */
  endOverdue(now: number): void {
    for (const request of this.#inProgress) {
      if (now - request.arrivedAt < REQUEST_PATIENCE) return;
      this.#inProgress.delete(request);
      this.#onOverdue(request);
    }
  }
}
