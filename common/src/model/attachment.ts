import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { isCleanLine, isVisible, utf8Bytes } from '../text/characters.ts';
import { linePattern } from './patterns.ts';
import { id, time } from './primitives.ts';

const NAME = '[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*';
const TYPE = new RegExp(`^\\s*${NAME}/${NAME}\\s*(?:;.*)?$`);

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
  )
  .meta({
    id: 'FileName',
    description:
      'The name of a file: one line without `/`, `\\\\`, control and direction-override characters, not blank. The server normalises it to NFC.',
    minLength: 1,
    maxLength: LIMITS.attachmentNameBytes,
    pattern: linePattern({ any: '/\\\\' }),
  });

/** A media type in lower case without parameters: `audio/webm;codecs=opus` becomes `audio/webm`. */
export const mediaType = z
  .string()
  .max(LIMITS.attachmentTypeMax)
  .regex(TYPE, 'Must be a media type such as image/png')
  .transform((value) => (value.split(';', 1)[0] ?? '').trim().toLowerCase())
  .meta({
    id: 'MediaType',
    description:
      'A media type. The server turns it into lower case and drops its parameters: `audio/webm;codecs=opus` becomes `audio/webm`.',
    maxLength: LIMITS.attachmentTypeMax,
  });

/** Pixels of one side. */
export const pixels = z.int().min(1).max(1_000_000);

/** How an attachment can be shown; everything but `file` may be shown inline. */
export const attachmentKind = z.enum(['image', 'video', 'audio', 'file']).meta({
  id: 'AttachmentKind',
  description:
    '`image`, `video` and `audio` are types that browsers can show inline safely; every other type is a `file`, which is downloaded.',
});
export type AttachmentKind = z.infer<typeof attachmentKind>;

/** A file in a conversation. */
export const attachment = z
  .object({
    id,
    conversationId: id,
    ownerId: id,
    name: z.string().describe('The name that its owner gave.'),
    contentType: z
      .string()
      .describe(
        'The type that the server recognised in the content; `application/octet-stream` if it recognised none. Until the upload is checked, the type that its owner gave.',
      ),
    size: z.int().describe('Bytes.'),
    kind: attachmentKind,
    state: z
      .enum(['pending', 'ready', 'failed'])
      .describe('`pending` until the upload is checked, `failed` if it cannot be completed.'),
    width: z
      .int()
      .nullable()
      .describe(
        'Pixels of the picture as it is shown. Read from the file if possible, otherwise what the owner said.',
      ),
    height: z.int().nullable().describe('Pixels, like `width`.'),
    durationMs: z.int().nullable().describe('Milliseconds, as the owner said.'),
    thumbnail: z
      .boolean()
      .describe('Whether there is a thumbnail (`variant: thumbnail`). It may become true later.'),
    createdAt: time,
  })
  .meta({ id: 'Attachment', description: 'A file in a conversation.' });
export type Attachment = z.infer<typeof attachment>;

/** The number of a part, from 1. */
export const partNumber = z.int().min(1).max(LIMITS.attachmentParts);

/** How a client uploads the bytes of an attachment: in one request, or in parts of `partSize` bytes. */
export const upload = z
  .discriminatedUnion('kind', [
    z
      .object({
        kind: z.literal('single'),
        method: z.literal('PUT'),
        url: z.string(),
        headers: z.record(z.string(), z.string()).describe('Exactly the headers to send.'),
        expiresAt: time,
      })
      .meta({ id: 'SingleUpload', description: 'One request for the whole file.' }),
    z
      .object({
        kind: z.literal('multipart'),
        partSize: z.int().describe('Bytes of each part but the last, which may be smaller.'),
        parts: z.array(z.object({ partNumber, url: z.string() })),
        expiresAt: time,
      })
      .meta({ id: 'MultipartUpload', description: 'One request for each part of the file.' }),
  ])
  .meta({
    id: 'Upload',
    description:
      'How a client uploads the bytes to the object store, which has an origin of its own. `single`: one request with this method and exactly these headers, to which the client adds the content length. `multipart`: one PUT per part, of exactly `partSize` bytes except for the last; the client keeps the `etag` header of each answer for `attachment:complete`. The URLs expire at `expiresAt`; `attachment:resume` gives new ones.',
  });
export type Upload = z.infer<typeof upload>;
