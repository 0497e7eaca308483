import { LIMITS } from '@parley/common';
import type { Operations } from '@parley/common/contract';

import { AT, attachment, ATTACHMENT, GROUP } from './examples.ts';
import type { Notes } from './notes.ts';

type AttachmentNotes = Pick<Notes<Operations>, Extract<keyof Operations, `attachment:${string}`>>;

const HOUR = 3_600_000;
const MIB = 1024 ** 2;
const STORE = 'https://files.example.org/parley/3q2v8sJ1kXy';
const part = (partNumber: number) => ({
  partNumber,
  url: `${STORE}?partNumber=${partNumber}&uploadId=u-1&X-Amz-Signature=5d41…`,
});
const NO_STORE =
  '`unavailable`, which may not be tried again, where the server has no store for files.';

/** Notes on the operations on attachments. */
export const attachmentNotes: AttachmentNotes = {
  'attachment:create': {
    description: `A file of at most ${LIMITS.attachmentPartBytes / MIB} MiB is uploaded in one request, a larger one in parts. There are ${LIMITS.uploadTime / HOUR} hours to finish. \`limit_reached\` with ${LIMITS.pendingUploads} uploads that are not finished, \`quota_exceeded\` where the bytes of the day are used up. ${NO_STORE}`,
    errors: [
      'not_found',
      'blocked',
      'recipient_unavailable',
      'limit_reached',
      'quota_exceeded',
      'unavailable',
    ],
    fields: {
      conversationId: 'The one in which it will be sent.',
      size: 'Bytes, exactly.',
      sha256: 'Of the whole file; where it is given, the upload must have it.',
      width: 'Pixels, upright.',
      height: 'The same.',
      durationMs: 'Of sound and moving pictures.',
    },
    input: {
      conversationId: GROUP,
      name: 'Menu.jpg',
      contentType: 'image/jpeg',
      size: attachment.size,
      width: 3_024,
      height: 4_032,
    },
    output: {
      attachment: { ...attachment, state: 'pending', thumbnail: false },
      upload: {
        kind: 'single',
        method: 'PUT',
        url: `${STORE}?X-Amz-Signature=7f86…`,
        headers: { 'content-type': 'image/jpeg', 'if-none-match': '*' },
        expiresAt: AT + HOUR,
      },
    },
  },
  'attachment:resume': {
    description: `For its owner. URLs last ${LIMITS.uploadUrl / HOUR} hour; which parts are done the client keeps. \`conflict\` where nothing is left to upload.`,
    errors: ['not_found', 'conflict', 'unavailable'],
    fields: { partNumbers: 'Absent: all parts.' },
    input: { attachmentId: ATTACHMENT, partNumbers: [2, 3] },
    output: {
      upload: {
        kind: 'multipart',
        partSize: LIMITS.attachmentPartBytes,
        parts: [part(2), part(3)],
        expiresAt: AT + HOUR,
      },
    },
  },
  'attachment:complete': {
    description:
      'For its owner. Size, checksum and type are checked against what is in the store. `upload_incomplete`: bytes are missing; upload them and ask again. `upload_mismatch`: it is not what was announced, and the attachment is over. `conflict`, which may be tried again, while another node checks it. What is ready is answered again.',
    errors: ['not_found', 'conflict', 'upload_incomplete', 'upload_mismatch', 'unavailable'],
    fields: {
      parts: 'Of an upload in parts: all of them, with the `etag` that the store answered.',
    },
    input: {
      attachmentId: ATTACHMENT,
      parts: [{ partNumber: 1, etag: '"9b2cf535f27731c974343645a3985328"' }],
    },
    output: { ...attachment, thumbnail: false },
  },
  'attachment:cancel': {
    description:
      'For its owner. What was uploaded is removed. What is over already stays so; `conflict` once it is sent, or about to be: delete the message instead.',
    errors: ['not_found', 'conflict'],
    input: { attachmentId: ATTACHMENT },
    output: {},
  },
  'attachment:url': {
    description: `For members who see the message, and for its owner before it is sent. Asked anew each time: the URL lasts ${LIMITS.downloadUrl / 1_000} s. Images, video and audio of common types are shown in place; everything else is downloaded under its own name. \`GET /api/attachments/{attachmentId}/content\` answers 302 to such a URL, with the same \`variant\`. ${NO_STORE}`,
    errors: ['not_found', 'unavailable'],
    fields: {
      variant: '`thumbnail`: the small picture, where `thumbnail` of the attachment is true.',
    },
    input: { attachmentId: ATTACHMENT, variant: 'thumbnail' },
    output: { url: `${STORE}?X-Amz-Signature=2c26…`, expiresAt: AT + LIMITS.downloadUrl },
  },
};
