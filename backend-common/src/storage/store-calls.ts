import type { S3Client } from '@aws-sdk/client-s3';
import { MINUTE, SECOND, type Now } from '@parley/common';

import type { Histogram, Metrics } from '../metrics/metrics.ts';
import { ObjectStoreError, type StoreRefusal } from './object-store.ts';
import { toStoreFailure } from './refusals.ts';

/** One kind of call: its name in the metrics and the refusals it may end with. */
export interface StoreCall {
  readonly name: string;
  readonly refusals?: readonly StoreRefusal[];
  /** Milliseconds for all tries together; default 30 s. */
  readonly patience?: number;
}

/** What the SDK is told with each call. */
interface CallOptions {
  readonly abortSignal: AbortSignal;
  readonly requestTimeout: number;
}

const PATIENCE = 30 * SECOND;
/** For what a store does with whole objects before it answers. */
export const LONG_PATIENCE = 5 * MINUTE;
/** So that one silent try leaves time for another. */
const TRIES = 2;

/** Every call to the store: signed by our clock, ended in time, measured, and failing as the port promises. */
export class StoreCalls {
  readonly #client: S3Client;
  readonly #now: Now;
  readonly #durations: Histogram<'call' | 'outcome'>;

  constructor(deps: { client: S3Client; now: Now; metrics: Metrics }) {
    this.#client = deps.client;
    this.#now = deps.now;
    this.#durations = deps.metrics.duration(
      'parley_object_store_seconds',
      'Calls to the object store by outcome',
      ['call', 'outcome'],
    );
  }

  /** @throws ObjectStoreError for the call's refusals, AppError `unavailable` for everything else */
  async run<Answer>(
    { name, refusals = [], patience = PATIENCE }: StoreCall,
    act: (client: S3Client, options: CallOptions) => Promise<Answer>,
  ): Promise<Answer> {
    this.#client.config.systemClockOffset = this.#now() - Date.now();
    const stop = this.#durations.startTimer({ call: name });
    const abortSignal = AbortSignal.timeout(patience);
    try {
      const answer = await act(this.#client, { abortSignal, requestTimeout: patience / TRIES });
      stop({ outcome: 'ok' });
      return answer;
    } catch (error) {
      const failure = toStoreFailure(error, refusals);
      stop({ outcome: failure instanceof ObjectStoreError ? failure.refusal : 'failed' });
      throw failure;
    }
  }
}
