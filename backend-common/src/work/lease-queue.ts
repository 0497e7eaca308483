import { randomUUID } from 'node:crypto';
import type { Collection, Document, Filter } from 'mongodb';

import { isDuplicateKey } from '../mongo/errors.ts';
import { backoffDelay } from './backoff.ts';
import { LeaseExpressions, valueAt } from './lease-fields.ts';
import { holdLease } from './hold-lease.ts';
import type {
  Changes,
  Lease,
  LeaseQueueOptions,
  Leased,
  RetryOptions,
  RetryOutcome,
  TakeOptions,
} from './lease.ts';
import { setNodeTimer } from './timers.ts';

type Item = Document & { _id: string };

/**
 * Shares the items of a collection between processes: one at a time works on an item, and an item whose process crashes
 * is due again when its lease ends. Every method that ends or renews a lease does nothing where the lease was lost.
 */
export class LeaseQueue<Stored extends { _id: string }> {
  readonly #items: Collection<Item>;
  readonly #options: LeaseQueueOptions;
  readonly #expressions: LeaseExpressions;

  constructor(collection: Collection<Stored>, options: LeaseQueueOptions) {
    if (options.maxAttempts !== undefined && options.fields.attempts === undefined) {
      throw new Error('maxAttempts needs a field that counts attempts');
    }
    this.#items = collection as unknown as Collection<Item>;
    this.#options = options;
    this.#expressions = new LeaseExpressions(options.fields, options.time ?? (() => '$$NOW'));
    options.metrics?.register(options.name);
  }

  /** Leases at most `limit` items that are due, the oldest first. Indexes: the queue's own and `_id_`. */
  async claim(limit: number): Promise<Leased<Stored>[]> {
    const { fields, metrics, name } = this.#options;
    const claimed =
      fields.token === undefined ? await this.#claimEach(limit) : await this.#claimBatch(limit);
    metrics?.countClaims(name, claimed.length);
    return claimed;
  }

  /** Leases one item by its id; `null` where it is leased, does not exist or does not match. Index `_id_`. */
  async take(id: string, options: TakeOptions = {}): Promise<Leased<Stored> | null> {
    const { duration, metrics, name } = this.#options;
    const token = this.#newToken();
    const filter = { ...options.where, ...this.#expressions.isFree(), _id: id };
    const changes = [{ $set: { ...options.changes, ...this.#expressions.lease(duration, token) } }];
    let taken = await this.#items.findOneAndUpdate(filter, changes, { returnDocument: 'after' });
    if (taken === null && options.upsert === true) taken = await this.#create(id, changes);
    if (taken === null) return null;
    metrics?.countClaims(name, 1);
    return this.#toLeased(taken, token);
  }

  /** The fields of a new lease, for an update that creates work and takes it in one step. */
  leaseFields(token: string): Changes {
    return this.#expressions.lease(this.#options.duration, token);
  }

  /** Extends leases. Returns whether all of them were still held. Index `_id_`. */
  async renew(leases: readonly Pick<Lease, 'id' | 'token'>[]): Promise<boolean> {
    const { duration, fields } = this.#options;
    const due = { [fields.due]: this.#expressions.after(duration) };
    let matched = 0;
    for (const [token, ids] of byToken(leases)) {
      const filter = { _id: { $in: ids }, ...this.#expressions.heldBy(token) };
      matched += (await this.#items.updateMany(filter, [{ $set: due }])).matchedCount;
    }
    return matched === leases.length;
  }

  /**
   * Works on a leased item and renews the lease meanwhile. The signal aborts when the lease was lost, or has ended
   * because no renewal succeeded.
   */
  hold<Result>(
    lease: Pick<Lease, 'id' | 'token'>,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { duration, setTimer = setNodeTimer } = this.#options;
    return holdLease({ duration, setTimer, renew: () => this.renew([lease]) }, work);
  }

  /**
   * Ends a lease: the item is done. Returns whether the lease was still held and the item met `where`. Index `_id_`.
   * @param where - further conditions that the item must meet
   */
  finish(lease: Lease, changes: Changes = {}, where: Changes = {}): Promise<boolean> {
    return this.#end(
      { ...where, ...this.#held(lease) },
      { ...this.#expressions.done(), ...changes },
    );
  }

  /** Ends several leases at once, as `finish` ends one. Index `_id_`. */
  async finishAll(
    leases: readonly Pick<Lease, 'id' | 'token'>[],
    changes: Changes = {},
  ): Promise<void> {
    const set = { ...this.#expressions.done(), ...changes };
    for (const [token, ids] of byToken(leases)) {
      const filter = { _id: { $in: ids }, ...this.#expressions.heldBy(token) };
      await this.#items.updateMany(filter, [{ $set: set }]);
    }
  }

  /** Ends a lease: the item is due again after some milliseconds, and this attempt counts. Index `_id_`. */
  postpone(lease: Lease, delay: number, changes: Changes = {}): Promise<boolean> {
    return this.#end(this.#held(lease), { ...this.#expressions.dueAfter(delay), ...changes });
  }

  /** Ends a lease by removing the item. Returns whether the lease was still held. Index `_id_`. */
  async remove(lease: Lease): Promise<boolean> {
    return (await this.#items.deleteOne(this.#held(lease))).deletedCount === 1;
  }

  /**
   * Ends a failed attempt: the item is due again after the backoff, or given up after the last attempt. Index `_id_`.
   */
  async retry(leased: Leased<Stored>, options: RetryOptions = {}): Promise<RetryOutcome> {
    if (this.isLastAttempt(leased)) {
      return (await this.giveUp(leased, options.deadLetter)) ? 'given_up' : 'lost';
    }
    const { backoff, duration, metrics, name, random = Math.random } = this.#options;
    const wait =
      backoff === undefined ? duration : backoffDelay(backoff, this.#attempts(leased), random);
    const delay = Math.max(options.atLeast ?? 0, wait);
    if (!(await this.postpone(leased, delay, options.changes))) return 'lost';
    metrics?.countRetry(name);
    return 'retried';
  }

  /** Whether `retry` would give this item up. */
  isLastAttempt(leased: Leased<Stored>): boolean {
    return this.#attempts(leased) >= (this.#options.maxAttempts ?? Infinity);
  }

  /** Ends a lease: the item is a dead letter, nothing more is done about it. Index `_id_`. */
  async giveUp(lease: Lease, changes: Changes = {}): Promise<boolean> {
    const isHeld = await this.finish(lease, changes);
    if (isHeld) this.#options.metrics?.countDeadLetter(this.#options.name);
    return isHeld;
  }

  /** Counts the items that are not done, up to `limit`, and publishes that as the depth. Covered by the queue's index. */
  async measureDepth(limit: number): Promise<number> {
    const { fields, metrics, name } = this.#options;
    // A comparison and not `$exists`, which the index alone cannot answer: it holds an absent field as `null`.
    const isSet = { $gt: fields.stored === 'milliseconds' ? 0 : new Date(0) };
    const depth = await this.#items.countDocuments(
      { [fields.due]: isSet },
      { hint: { [fields.due]: 1 }, limit },
    );
    metrics?.setDepth(name, depth);
    return depth;
  }

  async #claimBatch(limit: number): Promise<Leased<Stored>[]> {
    const { duration, fields } = this.#options;
    const { due } = fields;
    const isDue = this.#expressions.isDue();
    const found = await this.#items
      .find(isDue, { projection: { [due]: 1 } })
      .sort({ [due]: 1 })
      .hint({ [due]: 1 })
      .limit(limit)
      .toArray();
    if (found.length === 0) return [];
    const token = this.#newToken();
    const _id = { $in: found.map((item) => item._id) };
    await this.#items.updateMany({ ...isDue, _id }, [
      { $set: this.#expressions.lease(duration, token) },
    ]);
    const claimed = await this.#items.find({ _id, ...this.#expressions.heldBy(token) }).toArray();
    const dueSince = new Map(found.map((item) => [item._id, valueAt(item, due)]));
    return claimed.map((item) => ({
      ...this.#toLeased(item, token),
      dueSince: dueSince.get(item._id),
    }));
  }

  /** Without a token to find a batch again, items are leased one by one. */
  async #claimEach(limit: number): Promise<Leased<Stored>[]> {
    const { duration, fields } = this.#options;
    const oldestFirst = { [fields.due]: 1 } as const;
    const claimed: Leased<Stored>[] = [];
    while (claimed.length < limit) {
      const item = await this.#items.findOneAndUpdate(
        this.#expressions.isDue(),
        [{ $set: this.#expressions.lease(duration, '') }],
        { sort: oldestFirst, hint: oldestFirst, returnDocument: 'after' },
      );
      if (item === null) break;
      claimed.push(this.#toLeased(item, ''));
    }
    return claimed;
  }

  /** Creates a leased item; `null` where it exists. */
  async #create(id: string, changes: Document[]): Promise<Item | null> {
    const isAbsent = { _id: id, [this.#options.fields.due]: { $exists: false } };
    try {
      return await this.#items.findOneAndUpdate(isAbsent, changes, {
        ...{ upsert: true, returnDocument: 'after' },
      });
    } catch (error) {
      if (isDuplicateKey(error, '_id_')) return null;
      throw error;
    }
  }

  async #end(held: Filter<Item>, changes: Changes): Promise<boolean> {
    return (await this.#items.updateOne(held, [{ $set: changes }])).matchedCount === 1;
  }

  #held({ id, token, until }: Lease): Filter<Item> {
    const { due, token: tokenField } = this.#options.fields;
    const proof = tokenField === undefined ? { [due]: until } : this.#expressions.heldBy(token);
    return { _id: id, ...proof };
  }

  #attempts({ document }: Leased<Stored>): number {
    const { attempts } = this.#options.fields;
    return attempts === undefined ? 0 : Number(valueAt(document, attempts) ?? 0);
  }

  #toLeased(item: Item, token: string): Leased<Stored> {
    const until = valueAt(item, this.#options.fields.due);
    return { id: item._id, token, until, document: item as unknown as Stored };
  }

  #newToken(): string {
    return (this.#options.newToken ?? randomUUID)();
  }
}

function byToken(leases: readonly Pick<Lease, 'id' | 'token'>[]): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { id, token } of leases) ids.set(token, [...(ids.get(token) ?? []), id]);
  return ids;
}
