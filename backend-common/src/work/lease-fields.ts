/** Where a collection keeps its leases. A name with a dot names a field of a sub-document. */
export interface LeaseFields {
  /** When an item is due; while it is leased, when the lease ends. Absent: nothing is to be done. */
  readonly due: string;
  /** The token of the holder of the lease. Without this field, the end of the lease identifies the holder. */
  readonly token?: string;
  /** Number of leases since the item was last finished. */
  readonly attempts?: string;
  /** How `due` is stored: as a date (default), or as a number of milliseconds since the epoch. */
  readonly stored?: 'date' | 'milliseconds';
}

/** The time by which leases end: MongoDB's clock, or a test's. */
export type LeaseTime = () => Date | '$$NOW';

/** Expressions and filters of MongoDB for one set of lease fields. */
export class LeaseExpressions {
  readonly #fields: LeaseFields;
  readonly #time: LeaseTime;

  constructor(fields: LeaseFields, time: LeaseTime) {
    this.#fields = fields;
    this.#time = time;
  }

  /** The present, plus milliseconds, in the form of the field `due`. */
  after(milliseconds: number): object {
    const date = { $add: [this.#time(), milliseconds] };
    // `$toDouble`, because that is how the driver stores a number of this size.
    return this.#fields.stored === 'milliseconds' ? { $toDouble: date } : date;
  }

  /** Matches items that are due and not leased; uses an index on `due`. */
  isDue(): Record<string, unknown> {
    const { due } = this.#fields;
    return { [due]: { $exists: true }, $expr: { $lte: [`$${due}`, this.after(0)] } };
  }

  /** Matches an item whose lease is free: it never had one, or it has ended. */
  isFree(): Record<string, unknown> {
    const due = `$${this.#fields.due}`;
    const isAbsent = { $eq: [{ $type: due }, 'missing'] };
    return { $expr: { $or: [isAbsent, { $lte: [due, this.after(0)] }] } };
  }

  /** Sets the fields of a lease; with `token` it becomes that holder's. */
  lease(duration: number, token: string): Record<string, unknown> {
    const { attempts, due, token: tokenField } = this.#fields;
    return {
      [due]: this.after(duration),
      ...(tokenField === undefined ? {} : { [tokenField]: { $literal: token } }),
      ...(attempts === undefined
        ? {}
        : { [attempts]: { $add: [{ $ifNull: [`$${attempts}`, 0] }, 1] } }),
    };
  }

  /** Ends a lease and leaves the item due after some milliseconds. */
  dueAfter(milliseconds: number): Record<string, unknown> {
    const { due, token } = this.#fields;
    return {
      ...(token === undefined ? {} : { [token]: '$$REMOVE' }),
      [due]: this.after(milliseconds),
    };
  }

  /** Ends a lease and leaves nothing to do. A sub-document of lease fields is removed whole. */
  done(): Record<string, unknown> {
    const { attempts, due, token } = this.#fields;
    const removed = [due, ...(token === undefined ? [] : [token])].map((name) => [
      name.split('.')[0],
      '$$REMOVE',
    ]);
    return {
      ...(Object.fromEntries(removed) as Record<string, unknown>),
      ...(attempts === undefined ? {} : { [attempts]: 0 }),
    };
  }

  /** Matches items whose lease a token holds. @throws where the collection has no tokens */
  heldBy(token: string): Record<string, unknown> {
    const name = this.#fields.token;
    if (name === undefined) throw new Error('These leases have no tokens');
    return { [name]: token };
  }
}

/** The value of a field, whose name may have dots. */
export function valueAt(document: object, name: string): unknown {
  return name
    .split('.')
    .reduce<unknown>(
      (value, key) => (value as Record<string, unknown> | undefined)?.[key],
      document,
    );
}
