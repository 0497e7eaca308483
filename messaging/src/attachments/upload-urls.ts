import type { ObjectStore } from '@parley/backend-common';
import { LIMITS } from '@parley/common';
import type { Upload } from '@parley/common/contract';

import type { AttachmentDocument } from './attachment-document.ts';
import { storedType } from './media-types.ts';

/** Whether a file of this size goes up in parts. */
export function isMultipart(size: number): boolean {
  return size > LIMITS.attachmentPartBytes;
}

/** How many parts a file of this size has. */
export function partCount(size: number): number {
  return Math.ceil(size / LIMITS.attachmentPartBytes);
}

/** URLs for an upload that end in an hour; of an upload in parts, for those named or all. */
export async function uploadUrls(
  store: ObjectStore,
  attachment: AttachmentDocument,
  wanted: { readonly expiresAt: number; readonly partNumbers?: readonly number[] | undefined },
): Promise<Upload> {
  const { contentType, incomingKey, key, sha256, size, uploadId } = attachment;
  const { expiresAt } = wanted;
  const expiresInMs = LIMITS.uploadUrl;
  if (uploadId === undefined || key === undefined) {
    const granted = await store.presignPut({
      key: incomingKey ?? '',
      contentType: storedType(contentType),
      contentLength: size,
      sha256,
      expiresInMs,
    });
    const headers = { ...granted.headers };
    return { kind: 'single', method: 'PUT', url: granted.url, headers, expiresAt };
  }
  const all = Array.from({ length: partCount(size) }, (_, index) => index + 1);
  const parts = [];
  for (const partNumber of wanted.partNumbers ?? all) {
    const contentLength = partLength(size, partNumber);
    const grant = { key, uploadId, partNumber, contentLength, expiresInMs };
    parts.push({ partNumber, url: await store.presignPart(grant) });
  }
  return { kind: 'multipart', partSize: LIMITS.attachmentPartBytes, parts, expiresAt };
}

function partLength(size: number, partNumber: number): number {
  const partBytes = LIMITS.attachmentPartBytes;
  return Math.min(partBytes, size - (partNumber - 1) * partBytes);
}
