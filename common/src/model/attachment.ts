import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { isCleanLine, isVisible, utf8Bytes } from '../text.ts';
import { id, time } from './primitives.ts';

const TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/;

/** The name of a file: NFC-normalised, one line, no path. */
export const attachmentName = z
  .string()
  .max(LIMITS.attachmentNameBytes)
  .transform((value) => value.normalize('NFC'))
  .refine(isCleanLine, 'Must not have control characters')
  .refine(isVisible, 'Must not be blank')
  .refine((value) => !/[/\\]/.test(value), 'Must not have / or \\')
  .refine(
    (value) => utf8Bytes(value) <= LIMITS.attachmentNameBytes,
    `At most ${LIMITS.attachmentNameBytes} bytes`,
  );

/** A media type in lower case; parameters are left out (`audio/webm;codecs=opus` is `audio/webm`). */
export const mediaType = z
  .string()
  .max(LIMITS.attachmentTypeMax)
  .transform((value) => (value.split(';', 1)[0] ?? '').trim().toLowerCase())
  .refine((value) => TYPE.test(value), 'Must be a media type such as image/png');

/** Pixels of one side. */
export const pixels = z.int().min(1).max(1_000_000);

/** How an attachment can be shown; everything but `file` may be shown in place. */
export const attachmentKind = z.enum(['image', 'video', 'audio', 'file']);
export type AttachmentKind = z.infer<typeof attachmentKind>;

/** A file in a conversation. */
export const attachment = z.object({
  id,
  conversationId: id,
  ownerId: id,
  name: z.string(),
  contentType: z.string(),
  /** Bytes. */
  size: z.int(),
  kind: attachmentKind,
  state: z.enum(['pending', 'ready', 'failed']),
  width: z.int().nullable(),
  height: z.int().nullable(),
  durationMs: z.int().nullable(),
  /** Whether a small picture of it can be had. */
  thumbnail: z.boolean(),
  createdAt: time,
});
export type Attachment = z.infer<typeof attachment>;

/** The number of a part, from 1. */
export const partNumber = z.int().min(1).max(LIMITS.attachmentParts);

/** How the bytes of an attachment come to the store: in one request, or in parts of `partSize` bytes. */
export const upload = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('single'),
    method: z.literal('PUT'),
    url: z.string(),
    /** Exactly these are sent. */
    headers: z.record(z.string(), z.string()),
    expiresAt: time,
  }),
  z.object({
    kind: z.literal('multipart'),
    partSize: z.int(),
    parts: z.array(z.object({ partNumber, url: z.string() })),
    expiresAt: time,
  }),
]);
export type Upload = z.infer<typeof upload>;
