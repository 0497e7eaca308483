import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import {
  attachment,
  attachmentName,
  mediaType,
  partNumber,
  pixels,
  upload,
} from '../model/attachment.ts';
import { id, time } from '../model/primitives.ts';
import { operation } from './operation.ts';

const named = z.strictObject({ attachmentId: id });
const isDistinct = (numbers: readonly number[]) => new Set(numbers).size === numbers.length;

const finishedParts = z
  .array(
    z.strictObject({
      partNumber,
      etag: z.string().regex(/^"?[A-Za-z0-9+/=_.-]{1,126}"?$/, 'Must be what the store answered'),
    }),
  )
  .min(1)
  .max(LIMITS.attachmentParts)
  .refine((parts) => isDistinct(parts.map((part) => part.partNumber)), 'Each part once');

/** Operations on files: their bytes go to the store and come from it, never through the service. */
export const attachmentOperations = {
  'attachment:create': operation({
    name: 'attachment:create',
    summary: 'Announce a file and get URLs to upload it',
    http: { method: 'POST', path: '/attachments' },
    limit: 'write',
    input: z.strictObject({
      conversationId: id,
      name: attachmentName,
      contentType: mediaType,
      /** Bytes. */
      size: z.int().min(1).max(LIMITS.attachmentBytes),
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'Must be 64 hexadecimal digits in lower case')
        .optional(),
      width: pixels.optional(),
      height: pixels.optional(),
      durationMs: z.int().min(0).max(LIMITS.attachmentDuration).optional(),
    }),
    output: z.object({ attachment, upload }),
  }),
  'attachment:resume': operation({
    name: 'attachment:resume',
    summary: 'Fresh URLs for an upload that is not finished',
    http: { method: 'POST', path: '/attachments/:attachmentId/resume' },
    limit: 'write',
    input: z.strictObject({
      attachmentId: id,
      partNumbers: z
        .array(partNumber)
        .min(1)
        .max(LIMITS.attachmentParts)
        .refine(isDistinct, 'Each part once')
        .optional(),
    }),
    output: z.object({ upload }),
  }),
  'attachment:complete': operation({
    name: 'attachment:complete',
    summary: 'Have the uploaded file checked',
    http: { method: 'POST', path: '/attachments/:attachmentId/complete' },
    limit: 'write',
    input: z.strictObject({ attachmentId: id, parts: finishedParts.optional() }),
    output: attachment,
  }),
  'attachment:cancel': operation({
    name: 'attachment:cancel',
    summary: 'Give up a file that was not sent',
    http: { method: 'DELETE', path: '/attachments/:attachmentId' },
    limit: 'write',
    input: named,
    output: z.strictObject({}),
  }),
  'attachment:url': operation({
    name: 'attachment:url',
    summary: 'A URL from which the file can be read for a moment',
    http: { method: 'GET', path: '/attachments/:attachmentId/url' },
    limit: 'read',
    input: z.strictObject({
      attachmentId: id,
      variant: z.enum(['original', 'thumbnail']).default('original'),
    }),
    output: z.object({ url: z.string(), expiresAt: time }),
  }),
} as const;
