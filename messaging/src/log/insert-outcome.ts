/** The unique index that refused an entry, according to the error message. The log is read to find out what happened. */
export type RefusedBy = 'seq' | 'client' | '_id_' | 'deletion' | 'other';

/** The outcome of one ordered `insertMany`. */
export type InsertOutcome =
  | { readonly kind: 'committed' }
  /** The entries before `index` are committed, the one at `index` is not, and those after it were not tried. */
  | { readonly kind: 'stopped'; readonly index: number; readonly refusal: Refusal }
  /** Each entry may be stored or not, or may still be stored later. */
  | { readonly kind: 'unknown'; readonly cause: unknown };

export type Refusal =
  | { readonly kind: 'duplicate'; readonly by: RefusedBy }
  | { readonly kind: 'document'; readonly cause: unknown };

/** The response of the server to an insert that it executed, completely or in part. */
export interface InsertAnswer {
  readonly writeErrors?: readonly { index: number; code: number; errmsg?: string }[];
  readonly writeConcernError?: unknown;
}

const DUPLICATE = 11000;
/** BadValue, FailedToParse, DocumentValidationFailure, BSONObjectTooLarge: the document itself is invalid. */
const DOCUMENT_ERRORS = new Set([2, 9, 121, 10334]);

/** Derives the outcome from the response to an ordered insert. Only errors of single writes count as known outcomes. */
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
  if (DOCUMENT_ERRORS.has(code)) {
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
