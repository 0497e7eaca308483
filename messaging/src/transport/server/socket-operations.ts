import type { Logger } from '@parley/backend-common';
import { AppError, toAppError } from '@parley/common';
import type { Ack } from '@parley/common/contract';

import { SocketContext, type MessagingContext } from './context.ts';
import type { ClientSocket } from './socket.ts';

interface SocketOperationsDeps {
  readonly dispatcher: {
    run(name: string, input: unknown, context: MessagingContext): Promise<unknown>;
  };
  readonly logger: Logger;
}

type Acknowledge = (answer: Ack<unknown>) => void;

/**
 * Carries out what sockets ask for. The one wrapper around every handler: it takes whatever a client sends, always
 * acknowledges where the client asked for it, and never throws.
 */
export class SocketOperations {
  readonly #deps: SocketOperationsDeps;
  #underWay = 0;
  #whenIdle: (() => void) | undefined;

  constructor(deps: SocketOperationsDeps) {
    this.#deps = deps;
  }

  /** Answers every event of a socket. Handlers are called in the order in which the events arrive. */
  serve(socket: ClientSocket): void {
    // A middleware that never goes on: there are no listeners by event name that a hostile name could reach.
    socket.use((event: unknown[]) => this.#answer(socket, event));
  }

  /** Resolves when nothing is under way any more, or after `patience` milliseconds. */
  idle(patience: number): Promise<void> {
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patience);
      this.#whenIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #answer(socket: ClientSocket, event: unknown[]): void {
    const acknowledge = takeAcknowledge(event);
    const context = new SocketContext(socket);
    this.#underWay += 1;
    // Not an async function: what it held would live until the answer, thousands of times over.
    this.#run(event, context).then(
      (data) => {
        acknowledge?.({ ok: true, data });
        this.#leave();
      },
      (thrown: unknown) => {
        const error = toAppError(thrown);
        if (error.code === 'internal') this.#report(error, context);
        acknowledge?.({ ok: false, error: error.toBody() });
        this.#leave();
      },
    );
  }

  #leave(): void {
    this.#underWay -= 1;
    if (this.#underWay === 0) this.#whenIdle?.();
  }

  /** Carries out an event: its name and what was given with it. Never throws, only rejects. */
  #run([name, input, ...more]: readonly unknown[], context: MessagingContext): Promise<unknown> {
    try {
      if (typeof name !== 'string') throw new AppError('unknown_operation');
      if (more.length > 0) throw new AppError('invalid_input', 'Send one object, not several');
      return this.#deps.dispatcher.run(name, input === undefined ? {} : input, context);
    } catch (error) {
      return Promise.reject(toAppError(error));
    }
  }

  #report(error: AppError, { requestId }: MessagingContext): void {
    this.#deps.logger.error({ err: error.cause ?? error, requestId }, 'A request failed');
  }
}

/** Takes the acknowledgement from the end of the arguments. What comes over the wire is never a function. */
function takeAcknowledge(given: unknown[]): Acknowledge | undefined {
  return typeof given.at(-1) === 'function' ? (given.pop() as Acknowledge) : undefined;
}
