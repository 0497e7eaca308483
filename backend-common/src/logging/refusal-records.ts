import { MINUTE, SECOND, type RateLimit } from '@parley/common';

import { addressGroup } from '../http/address.ts';
import { TokenBuckets } from '../limits/token-buckets.ts';
import { setNodeTimer, type SetTimer } from '../work/timers.ts';

/** What the audit log says of a refusal. Anybody may cause as many of them as there are. */
export interface RefusalFacts {
  /** A constant name, such as `login_refused`. */
  readonly event: string;
  /** Of the client. */
  readonly address?: string | undefined;
  /** The account that is concerned, if there is one; a function that looks it up is called only if the refusal is recorded. */
  readonly userId?: string | undefined | (() => Promise<string | undefined>);
  readonly [fact: string]: unknown;
}

/** Writes a line to the audit log. */
type Write = (
  facts: { readonly event: string; readonly [fact: string]: unknown },
  message: string,
) => void;

interface RefusalRecordsOptions {
  readonly write: Write;
  /** Monotonic milliseconds. */
  readonly monotonic?: () => number;
  readonly setTimer?: SetTimer;
}

/** Refusals from one address, and of one account, that have a line each. */
const OF_ONE: RateLimit = { perSecond: SECOND / MINUTE, burst: 100 };
/** Refusals of all together: they fill a fifth of the files of an audit log in a day. */
const OF_ALL: RateLimit = { perSecond: 1, burst: 1_000 };
/** Milliseconds until it is said how many were left out. */
const COUNTED_EVERY = MINUTE;
/** Addresses that have a count of their own; the others share one. */
const ADDRESSES = 20;

interface LeftOut {
  readonly event: string;
  readonly address: string | undefined;
  count: number;
}

/**
 * Records refusals in the audit log. A client that is refused again and again must not rotate the other records away, so
 * refusals beyond a rate are counted by address, and each minute a line has the counts.
 */
export class RefusalRecords {
  readonly #write: Write;
  readonly #setTimer: SetTimer;
  readonly #buckets: TokenBuckets;
  readonly #leftOut = new Map<string, LeftOut>();
  #cancelTimer: (() => void) | undefined;

  constructor({ monotonic, setTimer = setNodeTimer, write }: RefusalRecordsOptions) {
    this.#write = write;
    this.#setTimer = setTimer;
    this.#buckets = new TokenBuckets(monotonic);
  }

  /** Records a refusal, or counts it. Rejects only if looking up the account does. */
  async record({ userId: account, ...facts }: RefusalFacts, message: string): Promise<void> {
    const { address, event } = facts;
    const group = address === undefined ? undefined : addressGroup(address);
    if (group !== undefined && !this.#buckets.tryTake(`address:${group}`, OF_ONE)) {
      this.#leaveOut(event, group);
      return;
    }
    const userId = typeof account === 'function' ? await account() : account;
    const isRecorded =
      (userId === undefined || this.#buckets.tryTake(`user:${userId}`, OF_ONE)) &&
      this.#buckets.tryTake('all', OF_ALL);
    if (isRecorded) this.#write({ ...facts, userId }, message);
    else this.#leaveOut(event, group);
  }

  /** Writes how many were left out since the last time. */
  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    for (const { address, count, event: refused } of this.#leftOut.values()) {
      const facts = { event: 'refusals_left_out', refused, count, address };
      this.#write(facts, 'Refusals were counted instead of recorded');
    }
    this.#leftOut.clear();
  }

  #leaveOut(event: string, group: string | undefined): void {
    const own = `${event} ${group ?? ''}`;
    const isKnown = this.#leftOut.has(own) || this.#leftOut.size < ADDRESSES;
    const key = isKnown ? own : event;
    const counted = this.#leftOut.get(key) ?? {
      event,
      address: isKnown ? group : undefined,
      count: 0,
    };
    counted.count += 1;
    this.#leftOut.set(key, counted);
    this.#cancelTimer ??= this.#setTimer(() => this.flush(), COUNTED_EVERY);
  }
}
