import { z } from 'zod';

import { CLIENT_ID_PATTERN, ID_PATTERN } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { codePoints, isCleanLine, isCleanText, isVisible } from '../text/characters.ts';
import { isCleanName } from '../text/names.ts';
import { TEXT_PATTERN } from './patterns.ts';

/** An id that Parley generated. */
export const id = z
  .string()
  .regex(ID_PATTERN, 'Must be a UUIDv7')
  .meta({ id: 'Id', description: 'An id of Parley: a UUIDv7 in lower case.' });

/** An idempotency key that the client chooses for one request. */
export const clientId = z
  .string()
  .regex(CLIENT_ID_PATTERN, 'Must be 1–64 of A–Z, a–z, 0–9, _ and -')
  .meta({
    id: 'ClientId',
    description:
      "The client's key of one request, which makes repeating it safe: 1 to 64 of `A–Z`, `a–z`, `0–9`, `_` and `-`.",
  });

/** Integer milliseconds since the epoch, by the server's clock. */
export const time = z.int().min(0).meta({
  id: 'Time',
  description: "Milliseconds since the epoch, by the server's clock.",
  format: 'int64',
});

/** A position in a conversation's log; 0 means "before the first entry". */
export const seq = z.int().min(0).meta({
  id: 'Seq',
  description:
    "A position in a conversation's log, counted from 1; 0 means before the first entry.",
  format: 'int64',
});

/**
 * Text of a message. NFC-normalised; control characters other than newline and tab are refused. The size in
 * bytes needs no check: `LIMITS.textMax` code points never take more than `LIMITS.textBytes`.
 */
export const text = z
  .string()
  .max(LIMITS.textMax * 2)
  .transform((value) => value.normalize('NFC'))
  .refine(isCleanText, 'Must not have control characters')
  .refine(isVisible, 'Must not be blank')
  .refine(
    (value) => value.length <= LIMITS.textMax || codePoints(value) <= LIMITS.textMax,
    `At most ${LIMITS.textMax} characters`,
  )
  .meta({
    id: 'Text',
    description: `Text of a message: 1 to ${LIMITS.textMax.toLocaleString('en')} code points and at most ${LIMITS.textBytes.toLocaleString('en')} bytes, not blank. The server normalises it to NFC and refuses control characters other than newline and tab.`,
    minLength: 1,
    maxLength: LIMITS.textMax,
    pattern: TEXT_PATTERN,
  });

/** One line of text of up to `max` code points: a name or a title. */
export function line(max: number) {
  return z
    .string()
    .max(max * 4)
    .transform((value) => value.normalize('NFC').trim())
    .refine(isCleanLine, 'Must not have control characters')
    .refine(isVisible, 'Must not be blank')
    .refine((value) => codePoints(value) <= max, `At most ${max} characters`);
}

/** The name of somebody or something: one line that shows nothing but itself. */
export function name(max: number) {
  return line(max).refine(
    isCleanName,
    'Must not have invisible characters or more than a few marks on a letter',
  );
}

/** Distinct user ids, up to the limit for one call. */
export const userIds = z
  .array(id)
  .min(1)
  .max(LIMITS.idsPerCall)
  .refine((ids) => new Set(ids).size === ids.length, 'Must not name anybody twice')
  .meta({ uniqueItems: true });

/** The largest number of rows of a page. */
export const pageLimit = z.int().min(1).max(LIMITS.pageMax).default(LIMITS.pageDefault);

/** Where a page begins: the `nextCursor` of the previous page. The shortest one is an id in Base64. */
export const cursor = z
  .string()
  .regex(/^[A-Za-z0-9_-]{48,512}$/, 'Must be a cursor of an earlier page')
  .meta({
    id: 'Cursor',
    description:
      'Where the next page begins: the `nextCursor` of the page before. Any other value is `invalid_input`.',
  });

/** What a client had compared when it got the token. Only the node that gave it can read it. */
export const syncToken = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,200}$/, 'Must be the syncToken of an earlier comparison')
  .meta({
    id: 'SyncToken',
    description:
      'What a client had compared when it got the token: 1 to 200 of `A–Z`, `a–z`, `0–9`, `.`, `_` and `-`, without a meaning for clients. A token that the server does not know is answered with all heads.',
  });

/** Input fields for paging by position in the log: before a `seq`, after a `seq`, or the newest. */
export const seqPage = {
  before: seq
    .optional()
    .describe('Only what has a smaller `seq`, and of that the newest. Not together with `after`.'),
  after: seq
    .optional()
    .describe('Only what has a larger `seq`, and of that the oldest. Not together with `before`.'),
  limit: pageLimit.describe(
    `The largest number of rows. A page may be shorter (about ${LIMITS.pageBytes / 1_024} KiB): only \`hasMore\` says whether there is more.`,
  ),
};

/** Input fields for paging by cursor. */
export const cursorPage = {
  cursor: cursor.optional().describe('Absent: the first page.'),
  limit: pageLimit.describe(
    'The largest number of rows. A page may be shorter: only `nextCursor: null` says that it is the last.',
  ),
};

/** An optional `clientId`. */
export const optionalClientId = clientId
  .optional()
  .describe('The key of this request: a repeat with the same key gets the answer of the first.');
