import { MINUTE, SECOND, type Now } from '@parley/common';

import type { DurationHistogram, Metrics } from '../metrics/metrics.ts';
import { ObjectStoreError, type StoreRefusal } from './object-store.ts';
import { toStoreFailure } from './refusals.ts';
import type { LoadedConnection, S3Connection } from './s3-connection.ts';

/** One kind of call: its name in the metrics, and the refusals that it may end with. */
export interface StoreCall {
  readonly name: (typeof CALLS)[number];
  readonly refusals?: readonly StoreRefusal[];
  /** Milliseconds for all attempts together; default 30 s. */
  readonly timeout?: number;
}

/** What bounds the duration of a call. */
interface CallOptions {
  readonly abortSignal: AbortSignal;
  readonly requestTimeout: number;
}

const TIMEOUT = 30 * SECOND;
/** Milliseconds for calls in which the store processes a whole object before it answers. */
export const LONG_TIMEOUT = 5 * MINUTE;
/** An attempt without an answer ends early enough to leave time for a second one. */
const ATTEMPTS = 2;

/** The names of all calls. */
const CALLS = [
  'abort_multipart',
  'check',
  'complete_multipart',
  'copy',
  'create_multipart',
  'delete',
  'head',
  'list_parts',
  'put',
  'read',
  'stream',
] as const;

/** Makes every call to the store: signs it by our clock, limits its duration, measures it, and maps its errors. */
export class StoreCalls {
  readonly #connection: S3Connection;
  readonly #now: Now;
  readonly #durations: DurationHistogram<'call' | 'outcome'>;

  constructor(deps: { connection: S3Connection; now: Now; metrics: Metrics }) {
    this.#connection = deps.connection;
    this.#now = deps.now;
    this.#durations = deps.metrics.duration(
      'parley_object_store_seconds',
      'Duration of calls to the object store by outcome',
      { call: CALLS, outcome: ['ok', 'failed'] },
    );
  }

  /** @throws ObjectStoreError for the call's refusals, AppError `unavailable` for everything else */
  run<Answer>(
    call: StoreCall,
    act: (connection: LoadedConnection, options: CallOptions) => Promise<Answer>,
  ): Promise<Answer> {
    return this.measure(call, async (options) => {
      const connection = await this.#connection.load();
      connection.client.config.systemClockOffset = this.#now() - Date.now();
      return act(connection, options);
    });
  }

  /** The same for a call that does not need the SDK. */
  async measure<Answer>(
    { name, refusals = [], timeout = TIMEOUT }: StoreCall,
    act: (options: CallOptions) => Promise<Answer>,
  ): Promise<Answer> {
    const startedAt = performance.now();
    const record = (outcome: string) => {
      const duration = (performance.now() - startedAt) / SECOND;
      this.#durations.with({ call: name, outcome }).observe(duration);
    };
    const abortSignal = AbortSignal.timeout(timeout);
    try {
      const answer = await act({ abortSignal, requestTimeout: timeout / ATTEMPTS });
      record('ok');
      return answer;
    } catch (error) {
      const failure = toStoreFailure(error, refusals);
      record(failure instanceof ObjectStoreError ? failure.refusal : 'failed');
      throw failure;
    }
  }
}
