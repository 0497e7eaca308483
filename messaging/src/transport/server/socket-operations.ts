import {
  isServiceFailure,
  overdueError,
  RequestDeadline,
  type Logger,
  type TimedRequest,
} from '@parley/backend-common';
import { AppError, SECOND, toAppError } from '@parley/common';
import type { Operation } from '@parley/common/contract';

import { endSoon } from '../handshake/break-off.ts';
import { SocketContext, type MessagingContext } from './context.ts';
import type { Acknowledge, ReceiveEvents } from '../tuning/direct-events.ts';
import type { RefusalLimit } from './refusal-limit.ts';
import type { ClientSocket } from './socket.ts';

interface SocketOperationsDeps {
  readonly dispatcher: {
    readonly operations: ReadonlyMap<unknown, Pick<Operation, 'longRunning'>>;
    run(name: string, input: unknown, context: MessagingContext): Promise<unknown>;
  };
  /** Gets the events of a socket. */
  readonly receive: ReceiveEvents;
  /** Absent where limits are switched off. */
  readonly refusals?: Pick<RefusalLimit, 'isExceededBy' | 'isShutOut' | 'remaining'> | undefined;
  /** Counts sockets that were cut because too many of their events were refused. */
  readonly cut?: { inc(): void } | undefined;
  /** Called with the address of a socket that was cut. */
  readonly onCut?: ((address: string) => void) | undefined;
  readonly logger: Logger;
}

/** Why a connection is cut, and why its session cannot connect for a while. */
export const TOO_MANY_REFUSALS =
  'Too many events of this session were refused; connect again later';

/**
 * Operations of a socket that are in progress at a time: more than its rate limits allow at once. One network
 * packet may hold thousands of events, and refusals are counted only after all of them have begun.
 */
const MOST_IN_PROGRESS = 300;
/** One for all: the events beyond {@link MOST_IN_PROGRESS} must cost next to nothing. */
const FULL = new AppError('rate_limited', 'Too many requests are in progress; wait a little', {
  retryAfterMs: SECOND,
});

/** The operations of one socket. */
class SocketWork {
  inProgress = 0;
  /** Whether further events are dropped. */
  isStopped = false;
  /** Whether the connection is being cut, so that refusals are not answered any more. */
  isCut = false;
  whenIdle: (() => void) | undefined = undefined;
}

/** An event of a socket that is being answered. */
interface Request extends TimedRequest<Request> {
  readonly socket: ClientSocket;
  readonly work: SocketWork;
  /** What the client calls the operation; anything. */
  readonly name: unknown;
  /** Absent if the client asks for no answer. */
  readonly acknowledge: Acknowledge | undefined;
  /** Whether it took too long and the client knows that. */
  isOverdue: boolean;
}

/**
 * Runs the operations of sockets. It is the only wrapper around the handlers: it accepts any arguments, answers every
 * event that asks for an acknowledgement, and never throws.
 */
export class SocketOperations {
  readonly #deps: SocketOperationsDeps;
  readonly #work = new WeakMap<ClientSocket, SocketWork>();
  readonly #deadline = new RequestDeadline<Request>((request) => {
    const { longRunning } = this.#deps.dispatcher.operations.get(request.name) ?? {};
    if (request.work.isCut || longRunning === true) return;
    request.isOverdue = true;
    this.#refuse(request, overdueError());
  });

  constructor(deps: SocketOperationsDeps) {
    this.#deps = deps;
  }

  /** Answers events that take too long `unavailable`, while it is started. They continue. */
  get deadline(): Pick<RequestDeadline<Request>, 'endOverdue' | 'start' | 'stop'> {
    return this.#deadline;
  }

  /** Handles the events of a socket. Handlers are called in the order in which the events arrive. */
  serve(socket: ClientSocket): void {
    const work = new SocketWork();
    this.#work.set(socket, work);
    this.#deps.receive(socket, (event, acknowledge) => {
      if (work.isStopped) return;
      const request = {
        socket,
        work,
        name: event[0],
        acknowledge,
        isOverdue: false,
        arrivedAt: 0,
        older: undefined,
        newer: undefined,
      };
      this.#answer(request, event);
    });
  }

  /** Resolves when no operation of a socket is in progress, or after `timeout` milliseconds. Serves new ones meanwhile. */
  idle(socket: ClientSocket, timeout: number): Promise<void> {
    const work = this.#work.get(socket);
    if (work === undefined || work.inProgress === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeout);
      work.whenIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Accepts no further operation of a socket. What arrives is not answered: its client repeats it elsewhere. */
  stop(socket: ClientSocket): void {
    const work = this.#work.get(socket);
    if (work !== undefined) work.isStopped = true;
  }

  #answer(request: Request, event: readonly unknown[]): void {
    const { acknowledge, socket, work } = request;
    if (!this.#mayBegin(request)) return;
    const context = new SocketContext(socket);
    work.inProgress += 1;
    this.#deadline.begin(request);
    // Not an async function: its closure would stay in memory until the answer, for thousands of operations.
    this.#run(event, context).then(
      (data) => {
        this.#deadline.end(request);
        if (!request.isOverdue) acknowledge?.({ ok: true, data });
        finish(work);
      },
      (thrown: unknown) => {
        const error = toAppError(thrown);
        if (isServiceFailure(error)) this.#report(error, context);
        this.#deadline.end(request);
        if (!request.isOverdue && !work.isCut) this.#refuse(request, error);
        finish(work);
      },
    );
  }

  /** Whether an event is carried out. If not, it is refused before anything of it is looked at. */
  #mayBegin(request: Request): boolean {
    const { refusals } = this.#deps;
    const { acknowledge, socket, work } = request;
    if (refusals === undefined) return true;
    if (refusals.isShutOut(socket.data.caller.sessionId)) {
      // Another socket of the session was cut.
      acknowledge?.({ ok: false, error: this.#shutOut(socket).toBody() });
      this.#cut(socket, work);
      return false;
    }
    if (work.inProgress < MOST_IN_PROGRESS) return true;
    this.#refuse(request, FULL);
    return false;
  }

  /** Runs an event: its name and its arguments. Rejects, but never throws. */
  #run([name, input, ...more]: readonly unknown[], context: MessagingContext): Promise<unknown> {
    try {
      if (typeof name !== 'string') throw new AppError('unknown_operation');
      if (more.length > 0)
        throw new AppError('invalid_input', 'An operation takes one object as its input');
      return this.#deps.dispatcher.run(name, input === undefined ? {} : input, context);
    } catch (error) {
      return Promise.reject(toAppError(error));
    }
  }

  /** Answers with an error; if there were too many, it is the last answer before the connection is cut. */
  #refuse({ acknowledge, socket, work }: Request, error: AppError): void {
    const isLast = this.#isTooMany(socket, error);
    acknowledge?.({ ok: false, error: (isLast ? this.#shutOut(socket) : error).toBody() });
    if (isLast) this.#cut(socket, work);
  }

  #isTooMany({ data }: ClientSocket, { code }: AppError): boolean {
    return this.#deps.refusals?.isExceededBy(data.caller.sessionId, code) === true;
  }

  /** The last answer before a connection is cut. */
  #shutOut({ data }: ClientSocket): AppError {
    const retryAfterMs = this.#deps.refusals?.remaining(data.caller.sessionId) ?? 0;
    return new AppError('rate_limited', TOO_MANY_REFUSALS, { retryAfterMs });
  }

  /** Handles no further event of the socket, and ends its connection without a disconnect packet. */
  #cut(socket: ClientSocket, work: SocketWork): void {
    const { cut, logger, onCut } = this.#deps;
    work.isStopped = true;
    work.isCut = true;
    cut?.inc();
    onCut?.(socket.data.address);
    logger.info(
      { socketId: socket.id },
      'A client was disconnected because it keeps sending requests that are refused',
    );
    endSoon(socket.conn);
  }

  #report(error: AppError, { requestId }: MessagingContext): void {
    this.#deps.logger.error({ err: error.cause ?? error, requestId }, 'A request failed');
  }
}

function finish(work: SocketWork): void {
  work.inProgress -= 1;
  if (work.inProgress === 0) work.whenIdle?.();
}
