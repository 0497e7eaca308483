import type { ObjectStore } from '@parley/backend-common';
import { LIMITS } from '@parley/common';
import type { Upload } from '@parley/common/contract';

import type { AttachmentDocument } from './attachment-document.ts';
import { storedType } from './media-types.ts';

/** Whether a file of this size is uploaded in parts. */
export function isMultipart(size: number): boolean {
  return size > LIMITS.attachmentPartBytes;
}

/** Number of parts of a file of this size. */
export function partCount(size: number): number {
  return Math.ceil(size / LIMITS.attachmentPartBytes);
}

/** Signs upload URLs, valid for an hour; for a multipart upload those of the given parts, or of all. */
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
