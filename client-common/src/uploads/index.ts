import { indexedDbFiles } from './file-store-indexed-db.ts';
import { sha256 } from './sha256.ts';
import { xhrTransfer } from './transfer-xhr.ts';
import type { UploadFile, UploadsPlugin } from './types.ts';
import { UploadQueue, type UploadsOptions } from './upload-queue.ts';

export { type FileStore, memoryFiles } from './file-store.ts';
export { indexedDbFiles } from './file-store-indexed-db.ts';
export type * from './transfer.ts';
export { fetchTransfer } from './transfer-fetch.ts';
export { xhrTransfer } from './transfer-xhr.ts';
export type { UploadFile, UploadsOptions, UploadsPlugin };

/** Makes the uploads of a client: `createClient({ …, uploads: createUploads(…) })`. */
export function createUploads(options: UploadsOptions): UploadsPlugin {
  return (host) => new UploadQueue(host, options);
}

/**
 * The uploads of a web page: progress by `XMLHttpRequest`, files kept in IndexedDB, checksums of small
 * files where the page may compute them (https and localhost).
 */
export function browserUploads(options: Partial<UploadsOptions> = {}): UploadsPlugin {
  return createUploads({
    transfer: xhrTransfer(),
    files: indexedDbFiles(),
    digest: sha256,
    ...options,
  });
}
