import { SECOND } from '@parley/common';

import type { Logger } from '../logging/logger.ts';
import type { Counter } from '../metrics/metrics.ts';
import type { Redis } from '../redis/connect.ts';
import { Periodic } from '../work/periodic.ts';
import type { PeriodicMetrics } from '../work/periodic-metrics.ts';
import type { SetTimer } from '../work/timers.ts';
import { SpendingLedger, type Spent } from './spending-ledger.ts';
import { TokenBuckets } from './token-buckets.ts';

/** What token buckets need to be shared by the nodes of a service. */
export interface SharedBucketsDeps {
  /** Absent: this is the only node, and nothing is exchanged. */
  readonly redis: Redis | undefined;
  /** Names the buckets in Redis; the same on every node of the service. */
  readonly name: string;
  /** Counts exchanges by result: `ok`, `failed`. */
  readonly exchanges: Counter<'result'>;
  readonly metrics: Pick<PeriodicMetrics, 'register' | 'observe'>;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly now?: (() => number) | undefined;
  readonly setTimer?: SetTimer;
}

/** Milliseconds between two exchanges. */
const EVERY = SECOND / 4;
/** Keys in one call of the script, which blocks every other client of Redis. */
const BATCH = 250;
/** Keys in one exchange. The others wait for the next one. */
const KEYS_AT_MOST = 1_000;

/**
 * Adds tokens to buckets as TokenBuckets does, by the clock of Redis. ARGV has two numbers for each key: the
 * milliseconds in which its tokens are refilled, and how long ago the first of them was taken. Returns for each bucket
 * the milliseconds until it is full.
 */
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local ahead = {}
for i, key in ipairs(KEYS) do
  local refill, age = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local full = math.max(tonumber(redis.call('GET', key) or 0), now - age) + refill
  if full > now then
    redis.call('SET', key, string.format('%.3f', full), 'PX', math.ceil(full - now))
  end
  ahead[i] = math.floor(math.max(0, full - now))
end
return ahead`;

/** The metric of {@link SharedBucketsDeps.exchanges}. */
export const EXCHANGES = [
  'parley_limit_exchanges_total',
  'Exchanges of rate limits with the other nodes through Redis, by result',
  { result: ['ok', 'failed'] },
] as const;

/**
 * Token buckets that the nodes of a service share. Taking a token stays synchronous and local. In the background, what
 * was taken here is added to the buckets in Redis, and what was taken everywhere comes back. While Redis is
 * unavailable, each node applies the limits on its own.
 */
export class SharedBuckets {
  readonly name = 'limits';
  readonly buckets: TokenBuckets;
  readonly #deps: SharedBucketsDeps;
  readonly #ledger = new SpendingLedger();
  readonly #now: () => number;
  readonly #exchanging: Periodic | undefined;

  constructor(deps: SharedBucketsDeps) {
    const { logger, metrics, now = () => performance.now(), redis, setTimer } = deps;
    this.#deps = deps;
    this.#now = now;
    if (redis === undefined) {
      this.buckets = new TokenBuckets(now);
      return;
    }
    this.buckets = new TokenBuckets(now, this.#ledger);
    this.#exchanging = new Periodic({
      ...{ name: 'exchange_limits', every: EVERY, metrics },
      run: () => this.#exchange(redis),
      onFault: (error) => logger.debug({ err: error }, 'Rate limits were not exchanged'),
      ...(setTimer === undefined ? {} : { setTimer }),
    });
  }

  start(): void {
    this.#exchanging?.start();
  }

  async stop(): Promise<void> {
    await this.#exchanging?.stop();
  }

  async #exchange(redis: Redis): Promise<void> {
    const spent = this.#ledger.due(KEYS_AT_MOST);
    if (spent.length === 0) return;
    const batches = Array.from({ length: Math.ceil(spent.length / BATCH) }, (_, index) =>
      spent.slice(index * BATCH, (index + 1) * BATCH),
    );
    await Promise.all(batches.map((batch) => this.#exchangeBatch(redis, batch)));
  }

  /**
   * Without a connection, the tokens stay recorded for the next exchange. A call without an answer may have been carried
   * out: a repeat would count its tokens twice, and the calls of a long outage would lock a user out for minutes.
   */
  async #exchangeBatch(redis: Redis, spent: readonly Spent[]): Promise<void> {
    const { exchanges, name } = this.#deps;
    const at = this.#now();
    const keys = spent.map(({ key }) => `parley:limit:${name}:${key}`);
    const given = spent.flatMap(({ refill, since }) => [
      refill.toFixed(3),
      (at - since).toFixed(3),
    ]);
    if (redis.status !== 'ready') {
      exchanges.inc({ result: 'failed' });
      throw new Error('Redis is not connected');
    }
    try {
      const ahead = (await redis.eval(SCRIPT, keys.length, ...keys, ...given)) as number[];
      for (const [index, { key }] of spent.entries()) {
        // Counted from the start of the exchange, so that its duration does not delay the bucket.
        this.buckets.raise(key, at + Number(ahead[index]));
      }
      exchanges.inc({ result: 'ok' });
    } catch (error) {
      exchanges.inc({ result: 'failed' });
      throw error;
    } finally {
      this.#ledger.settle(spent, at);
    }
  }
}
