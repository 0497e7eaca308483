import { z } from 'zod';

import { CLIENT_ID_PATTERN, ID_PATTERN } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { codePoints, isCleanLine, isCleanText, isVisible } from '../text.ts';

/** An id of ours. */
export const id = z.string().regex(ID_PATTERN, 'Must be a UUIDv7');

/** The client's own key of one request. */
export const clientId = z
  .string()
  .regex(CLIENT_ID_PATTERN, 'Must be 1–64 of A–Z, a–z, 0–9, _ and -');

/** Integer milliseconds since the epoch, by the server's clock. */
export const time = z.int().min(0);

/** A position in a conversation's log; 0 stands for "before the first entry". */
export const seq = z.int().min(0);

/**
 * Text of a message. NFC-normalised; control characters other than newline and tab are refused. Bytes need no count of
 * their own: `LIMITS.textMax` code points never have more than `LIMITS.textBytes`.
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
  );

/** One line of text with a largest length in code points: a name or a title. */
export function line(max: number) {
  return z
    .string()
    .max(max * 4)
    .transform((value) => value.normalize('NFC').trim())
    .refine(isCleanLine, 'Must not have control characters')
    .refine(isVisible, 'Must not be blank')
    .refine((value) => codePoints(value) <= max, `At most ${max} characters`);
}

/** Distinct ids of people, as many as one call may name. */
export const userIds = z
  .array(id)
  .min(1)
  .max(LIMITS.idsPerCall)
  .refine((ids) => new Set(ids).size === ids.length, 'Must not name anybody twice');

/** How many rows a page may have. */
export const pageLimit = z.int().min(1).max(LIMITS.pageMax).default(LIMITS.pageDefault);

/** Where a page by cursor goes on: what the page before answered. */
export const cursor = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,512}$/, 'Must be a cursor of an earlier page');

/** A page by position in the log: before or after a `seq`, or the newest. */
export const seqPage = {
  before: seq.optional(),
  after: seq.optional(),
  limit: pageLimit,
};
