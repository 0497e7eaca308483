import { AppError, fromErrorBody, CLIENT_LIMITS, utf8Bytes } from '@parley/common';
import type { Ack, OperationName, OperationOutput } from '@parley/common/contract';

import type { Connection } from './connection.ts';
import type { ConnectionProbe } from './connection-probe.ts';
import type { Input } from './input.ts';
import type { Runtime } from './runtime.ts';

const ATTEMPTS = 5;
/** What Socket.IO puts around an event: packet type, ack id, brackets. */
const FRAME_MARGIN = 64;

/** Options of one request. */
export interface RequestOptions {
  /** Milliseconds that one attempt waits for its answer. Default 10 s. */
  readonly timeoutMs?: number;
  /** Attempts in all if the failure is retryable. Default 5. */
  readonly attempts?: number;
}

/** Options of a request of the client itself. */
interface CallOptions extends RequestOptions {
  /** The request ends with its connection: every new connection makes it anew. */
  readonly isPerConnection?: boolean;
}

export interface RequestsDeps {
  readonly runtime: Pick<Runtime, 'backoff' | 'delay'>;
  readonly connection: Pick<Connection, 'emit' | 'events' | 'isOnline' | 'isStarted' | 'state'>;
  readonly probe: Pick<ConnectionProbe, 'check'>;
}

/** Sends requests over the connection of the moment and waits for the answers. */
export class Requests {
  readonly #deps: RequestsDeps;

  constructor(deps: RequestsDeps) {
    this.#deps = deps;
  }

  /** Repeats a request until its answer is final, at most `attempts` times. Rejects with an `AppError`. */
  async call<Name extends OperationName>(
    name: Name,
    input: Input<Name>,
    options: CallOptions = {},
  ): Promise<OperationOutput<Name>> {
    const { connection } = this.#deps;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#connected();
        return await this.once(name, input, options.timeoutMs);
      } catch (thrown) {
        const error = thrown as AppError;
        const isLast = attempt >= (options.attempts ?? ATTEMPTS) || !connection.isStarted;
        const isOver = options.isPerConnection === true && !connection.isOnline;
        if (isLast || isOver || !error.retryable) throw error;
        await this.#pause(attempt, error);
      }
    }
  }

  /** Sends a request once, now. Without connection or answer it rejects with `unavailable`, and the outcome is unknown. */
  once<Name extends OperationName>(
    name: Name,
    input: Input<Name>,
    timeoutMs: number = CLIENT_LIMITS.clientAck,
  ): Promise<OperationOutput<Name>> {
    const { connection, runtime, probe } = this.#deps;
    return new Promise((resolve, reject) => {
      checkFrame(name, input);
      const end = () => {
        stop();
        cancel();
      };
      const fail = () => {
        end();
        reject(new AppError('unavailable'));
      };
      // No answer comes over a connection that broke.
      const stop = connection.events.on('lost', fail);
      const cancel = runtime.delay(timeoutMs, () => {
        fail();
        probe.check();
      });
      const isSent = connection.emit(name, input, (answer) => {
        end();
        const ack = answer as Ack<OperationOutput<Name>>;
        if (ack.ok) resolve(ack.data);
        else reject(fromErrorBody(ack.error));
      });
      if (!isSent) fail();
    });
  }

  /** Waits before the next attempt: as long as the refusal asks for, otherwise no longer than the connection lasts. */
  #pause(attempt: number, { retryAfterMs = 0 }: AppError): Promise<void> {
    const { connection, runtime } = this.#deps;
    const ms = Math.max(retryAfterMs, runtime.backoff(attempt));
    return this.#until(ms, () => !connection.isStarted || !(retryAfterMs || connection.isOnline));
  }

  /** Waits until `isDone` holds, at most `ms` milliseconds. */
  async #until(ms: number, isDone: () => boolean): Promise<void> {
    const { connection, runtime } = this.#deps;
    if (isDone()) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        stop();
        cancel();
        resolve();
      };
      const stop = connection.state.subscribe(() => {
        if (isDone()) end();
      });
      const cancel = runtime.delay(ms, end);
    });
  }

  /** Waits for a connection, at most as long as for an answer. */
  async #connected(): Promise<void> {
    const { connection } = this.#deps;
    await this.#until(CLIENT_LIMITS.clientAck, () => connection.isOnline || !connection.isStarted);
    const state = connection.state.get();
    if (state.status === 'signed-out') throw new AppError(state.code);
    // Not retryable: a caller that can wait longer asks again.
    if (state.status !== 'online') {
      throw new AppError('unavailable', undefined, { retryable: false });
    }
  }
}

function checkFrame(name: string, input: unknown): void {
  if (utf8Bytes(JSON.stringify([name, input])) + FRAME_MARGIN > CLIENT_LIMITS.frameBytes) {
    throw new AppError('payload_too_large');
  }
}
