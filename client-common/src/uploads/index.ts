import type { UploadFile, UploadsPlugin } from '../api/uploads.ts';
import { indexedDbFiles } from './files-indexed-db.ts';
import { xhrTransfer } from './transfer-xhr.ts';
import { sha256 } from './sha256.ts';
import { type UploadParts, UploadQueue } from './upload-queue.ts';

export { type FileStore, memoryFiles } from './files.ts';
export { indexedDbFiles } from './files-indexed-db.ts';
export type * from './transfer.ts';
export { fetchTransfer } from './transfer-fetch.ts';
export { xhrTransfer } from './transfer-xhr.ts';
export type { UploadParts } from './upload-queue.ts';
export type { UploadFile, UploadsPlugin };

/** Makes the part of a client that sends files: `createClient({ …, uploads: createUploads(…) })`. */
export function createUploads(parts: UploadParts): UploadsPlugin {
  return (context) => {
    const queue = new UploadQueue(context, parts);
    queue.watch();
    return queue;
  };
}

/**
 * Uploads of a web page: progress by `XMLHttpRequest`, files kept in IndexedDB, checksums of small
 * files where the page may compute them (https and localhost).
 */
export function browserUploads(parts: Partial<UploadParts> = {}): UploadsPlugin {
  return createUploads({
    transfer: xhrTransfer(),
    files: indexedDbFiles(),
    digest: sha256,
    ...parts,
  });
}
