/** Which unique index refused an entry. A hint only: what really happened is read from the log. */
export type RefusedBy = 'seq' | 'client' | '_id_' | 'deletion' | 'other';

/** What became of one ordered `insertMany`. */
export type InsertOutcome =
  | { readonly kind: 'committed' }
  /** Everything before `index` is committed, the entry there is not, and nothing after it was tried. */
  | { readonly kind: 'stopped'; readonly index: number; readonly refusal: Refusal }
  /** Each entry may stand or not, or may still come to stand. */
  | { readonly kind: 'unknown'; readonly cause: unknown };

export type Refusal =
  | { readonly kind: 'duplicate'; readonly by: RefusedBy }
  | { readonly kind: 'document'; readonly cause: unknown };

/** What the server answers to an insert that it carried out, wholly or in part. */
export interface InsertAnswer {
  readonly writeErrors?: readonly { index: number; code: number; errmsg?: string }[];
  readonly writeConcernError?: unknown;
}

const DUPLICATE = 11000;
/** BadValue, FailedToParse, DocumentValidationFailure, BSONObjectTooLarge: they speak of the document itself. */
const OF_THE_DOCUMENT = new Set([2, 9, 121, 10334]);

/** Reads the answer to an ordered insert; trusts only what the server said of single writes. */
export function classify(answer: InsertAnswer): InsertOutcome {
  const [refused, ...others] = answer.writeErrors ?? [];
  if (answer.writeConcernError !== undefined || others.length > 0) {
    return { kind: 'unknown', cause: answer };
  }
  if (refused === undefined) return { kind: 'committed' };
  const { code, errmsg, index } = refused;
  if (code === DUPLICATE) {
    return { kind: 'stopped', index, refusal: { kind: 'duplicate', by: indexOf(errmsg) } };
  }
  if (OF_THE_DOCUMENT.has(code)) {
    return { kind: 'stopped', index, refusal: { kind: 'document', cause: answer } };
  }
  return { kind: 'unknown', cause: answer };
}

function indexOf(message: string | undefined): RefusedBy {
  const name = / index: (\S+) /.exec(message ?? '')?.[1];
  return name === 'seq' || name === 'client' || name === '_id_' || name === 'deletion'
    ? name
    : 'other';
}
