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
import { HOUR, SECOND } from '../time.ts';
import { AT, ATTACHMENT, attachment as exampleAttachment, GROUP } from './examples.ts';
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
  .refine((parts) => isDistinct(parts.map((part) => part.partNumber)), 'Each part once')
  .meta({ uniqueItems: true });

const MIB = 1024 ** 2;
const STORE = 'https://files.example.org/parley/3q2v8sJ1kXy';
const examplePart = (number: number) => ({
  partNumber: number,
  url: `${STORE}?partNumber=${number}&uploadId=u-1&X-Amz-Signature=5d41…`,
});
const NO_STORE = '`unavailable`, not retryable, if the server has no object store.';

/** Operations on files: their bytes go straight to the store and come straight from it. */
export const attachmentOperations = {
  'attachment:create': operation({
    name: 'attachment:create',
    tag: 'Attachments',
    summary: 'Announce a file and get URLs to upload it',
    description: `A file of at most ${LIMITS.attachmentPartBytes / MIB} MiB is uploaded in one request, a larger one in parts. The upload must be completed within ${LIMITS.uploadTime / HOUR} hours. \`limit_reached\` with ${LIMITS.pendingUploads} uploads in progress, \`quota_exceeded\` if the bytes of the day are used up. ${NO_STORE}`,
    http: { method: 'POST', path: '/attachments' },
    limit: 'write',
    errors: [
      'not_found',
      'blocked',
      'recipient_unavailable',
      'limit_reached',
      'quota_exceeded',
      'unavailable',
    ],
    input: z.strictObject({
      conversationId: id.describe('The conversation in which the file will be sent.'),
      name: attachmentName,
      contentType: mediaType.describe(
        'What the client takes the file for. `attachment:complete` replaces it by the type of the content.',
      ),
      size: z.int().min(1).max(LIMITS.attachmentBytes).describe('Bytes, exactly.'),
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'Must be 64 hexadecimal digits in lower case')
        .optional()
        .describe('Of the whole file. If it is given, the upload must have it.'),
      width: pixels.optional().describe('Pixels of the picture as it is shown.'),
      height: pixels.optional().describe('Pixels, like `width`.'),
      durationMs: z
        .int()
        .min(0)
        .max(LIMITS.attachmentDuration)
        .optional()
        .describe('Milliseconds of an audio or video file.'),
    }),
    output: z.object({ attachment, upload }),
    example: {
      input: {
        conversationId: GROUP,
        name: 'Menu.jpg',
        contentType: 'image/jpeg',
        size: exampleAttachment.size,
        width: 3_024,
        height: 4_032,
      },
      output: {
        attachment: { ...exampleAttachment, state: 'pending', thumbnail: false },
        upload: {
          kind: 'single',
          method: 'PUT',
          url: `${STORE}?X-Amz-Signature=7f86…`,
          headers: { 'content-type': 'image/jpeg', 'if-none-match': '*' },
          expiresAt: AT + HOUR,
        },
      },
    },
  }),
  'attachment:resume': operation({
    name: 'attachment:resume',
    tag: 'Attachments',
    summary: 'Get new URLs for an upload in progress',
    description: `For the owner of the attachment. URLs last ${LIMITS.uploadUrl / HOUR} hour. The client itself remembers which parts it has uploaded. \`conflict\` if nothing is left to upload.`,
    http: { method: 'POST', path: '/attachments/:attachmentId/resume' },
    limit: 'write',
    errors: ['not_found', 'conflict', 'unavailable'],
    input: z.strictObject({
      attachmentId: id,
      partNumbers: z
        .array(partNumber)
        .min(1)
        .max(LIMITS.attachmentParts)
        .refine(isDistinct, 'Each part once')
        .meta({ uniqueItems: true })
        .optional()
        .describe('Absent: all parts.'),
    }),
    output: z.object({ upload }),
    example: {
      input: { attachmentId: ATTACHMENT, partNumbers: [2, 3] },
      output: {
        upload: {
          kind: 'multipart',
          partSize: LIMITS.attachmentPartBytes,
          parts: [examplePart(2), examplePart(3)],
          expiresAt: AT + HOUR,
        },
      },
    },
  }),
  'attachment:complete': operation({
    name: 'attachment:complete',
    tag: 'Attachments',
    summary: 'Let the server check the uploaded file',
    description:
      'For the owner of the attachment. The server checks size and checksum of the file in the store, and recognises its type: `contentType` and `kind` of the answer are those of the content. `upload_incomplete`: bytes are missing; upload them and call it again. `upload_mismatch`: the file has another size or checksum than announced, and the attachment has failed. `conflict`, which may be repeated: another node is checking it. A repeat for a file that is ready gets the same answer.',
    http: { method: 'POST', path: '/attachments/:attachmentId/complete' },
    // The object store copies or assembles the file, which takes as long as the file is large.
    longRunning: true,
    limit: 'write',
    errors: ['not_found', 'conflict', 'upload_incomplete', 'upload_mismatch', 'unavailable'],
    input: z.strictObject({
      attachmentId: id,
      parts: finishedParts
        .optional()
        .describe('For an upload in parts: all parts, with the `etag` that the store answered.'),
    }),
    output: attachment,
    example: {
      input: {
        attachmentId: ATTACHMENT,
        parts: [{ partNumber: 1, etag: '"9b2cf535f27731c974343645a3985328"' }],
      },
      output: { ...exampleAttachment, thumbnail: false },
    },
  }),
  'attachment:cancel': operation({
    name: 'attachment:cancel',
    tag: 'Attachments',
    summary: 'Discard a file that was not sent',
    description:
      'For the owner of the attachment. The uploaded bytes are removed. Cancelling again changes nothing. `conflict` once the file is sent or about to be sent: delete the message instead.',
    http: { method: 'DELETE', path: '/attachments/:attachmentId' },
    limit: 'write',
    errors: ['not_found', 'conflict'],
    input: named,
    output: z.strictObject({}),
    example: { input: { attachmentId: ATTACHMENT }, output: {} },
  }),
  'attachment:url': operation({
    name: 'attachment:url',
    tag: 'Attachments',
    summary: 'Get a short-lived URL to download the file',
    description: `For members who can see the message, and for the owner before the file is sent. Call it for each download: the URL lasts ${LIMITS.downloadUrl / SECOND} s. Images, video and audio of common types are shown inline; every other file is downloaded under its own name. \`GET /api/attachments/{attachmentId}/content\` answers 302 to such a URL, with the same \`variant\`. ${NO_STORE}`,
    http: { method: 'GET', path: '/attachments/:attachmentId/url' },
    limit: 'read',
    errors: ['not_found', 'unavailable'],
    input: z.strictObject({
      attachmentId: id,
      variant: z
        .enum(['original', 'thumbnail'])
        .default('original')
        .describe('`thumbnail`: only if `thumbnail` of the attachment is true.'),
    }),
    output: z.object({ url: z.string(), expiresAt: time }),
    example: {
      input: { attachmentId: ATTACHMENT, variant: 'thumbnail' },
      output: { url: `${STORE}?X-Amz-Signature=2c26…`, expiresAt: AT + LIMITS.downloadUrl },
    },
  }),
} as const;
