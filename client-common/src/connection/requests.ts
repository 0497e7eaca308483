import { AppError, LIMITS, utf8Bytes } from '@parley/common';
import type { Ack, OperationCall, OperationName, OperationOutput } from '@parley/common/contract';

import type { RequestOptions } from '../api/client.ts';
import type { Context } from '../context.ts';
import { backoff } from './backoff.ts';
import { fromBody } from './error-body.ts';

const ATTEMPTS = 5;
/** What Socket.IO puts around an event: packet type, ack id, brackets. */
const FRAME_MARGIN = 64;

export interface RequestsContext extends Pick<Context, 'runtime' | 'connection'> {
  /** An answer stays out: the connection may hang. */
  probe(): void;
}

/** Asks the server and waits for answers, over whatever connection there is. */
export class Requests {
  readonly #context: RequestsContext;
  readonly #open = new Set<(reason: AppError) => void>();

  constructor(context: RequestsContext) {
    this.#context = context;
  }

  /** Asks until there is an answer that is not to be retried, at most `attempts` times. Rejects with an `AppError`. */
  async call<Name extends OperationName>(
    name: Name,
    input: OperationCall<Name>,
    options: RequestOptions = {},
  ): Promise<OperationOutput<Name>> {
    const { connection, runtime } = this.#context;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#online();
        return await this.once(name, input, options.timeoutMs);
      } catch (thrown) {
        const error = thrown as AppError;
        const last = attempt >= (options.attempts ?? ATTEMPTS) || !connection.isWanted;
        if (last || !error.retryable) throw error;
        await runtime.pause(
          Math.max(error.retryAfterMs ?? 0, backoff(attempt, runtime.platform.random)),
        );
      }
    }
  }

  /** Asks once, now. Without connection or answer the error is `unavailable`, and the outcome unknown. */
  once<Name extends OperationName>(
    name: Name,
    input: OperationCall<Name>,
    timeoutMs: number = LIMITS.clientAck,
  ): Promise<OperationOutput<Name>> {
    return new Promise((resolve, reject) => {
      checkFrame(name, input);
      const fail = (reason: AppError) => {
        this.#open.delete(fail);
        cancel();
        reject(reason);
      };
      const cancel = this.#context.runtime.delay(timeoutMs, () => {
        fail(new AppError('unavailable'));
        this.#context.probe();
      });
      this.#open.add(fail);
      const sent = this.#context.connection.emit(name, input, (answer) => {
        if (!this.#open.delete(fail)) return;
        cancel();
        const ack = answer as Ack<OperationOutput<Name>>;
        if (ack.ok) resolve(ack.data);
        else reject(fromBody(ack.error));
      });
      if (!sent) fail(new AppError('unavailable'));
    });
  }

  /** Tells the server something that needs no answer. */
  tell<Name extends OperationName>(name: Name, input: OperationCall<Name>): void {
    this.#context.connection.emit(name, input);
  }

  /** Whether anything at all is answered within `timeoutMs`; a refusal is a sign of life too. */
  isAnswered(userId: string, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#context.runtime.delay(timeoutMs, () => resolve(false));
      // Watching ends for somebody who was never watched: the cheapest thing to ask.
      this.#context.connection.emit('presence:unwatch', { userIds: [userId] }, () => {
        cancel();
        resolve(true);
      });
    });
  }

  /** The connection broke: no answer of what is under way will come. */
  lost(): void {
    const reason = new AppError('unavailable');
    for (const fail of [...this.#open]) fail(reason);
  }

  /** Waits for a connection, at most as long as for an answer. */
  async #online(): Promise<void> {
    const { connection, runtime } = this.#context;
    if (!connection.isOnline && connection.isWanted) {
      await new Promise<void>((resolve) => {
        const stop = connection.state.subscribe(() => {
          if (connection.isOnline || !connection.isWanted) settle();
        });
        const settle = () => {
          stop();
          cancel();
          resolve();
        };
        const cancel = runtime.delay(LIMITS.clientAck, settle);
      });
    }
    const state = connection.state.get();
    if (state.status === 'signed-out') throw new AppError(state.code);
    // Not to be retried: who can wait longer asks again.
    if (state.status !== 'online') {
      throw new AppError('unavailable', undefined, { retryable: false });
    }
  }
}

function checkFrame(name: string, input: unknown): void {
  if (utf8Bytes(JSON.stringify([name, input])) + FRAME_MARGIN > LIMITS.frameBytes) {
    throw new AppError('payload_too_large');
  }
}
