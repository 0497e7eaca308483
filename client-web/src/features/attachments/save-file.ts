import type { AttachmentItem, Uploads } from '@parley/client-common';

/** Size limit in bytes for fetching a file in order to save it; larger files are opened instead. */
const FETCHED = 64 * 1_000 * 1_000;

/** Saves a file on the device. Rejects with an `AppError` if the file no longer exists. */
export async function saveFile(uploads: Uploads, { id, kind, name, size }: AttachmentItem) {
  const url = await uploads.url(id ?? '');
  if (kind === 'file') {
    // The object store sends the file as a download with its name; the page stays open.
    location.assign(url);
    return;
  }
  if (size > FETCHED) {
    window.open(url, '_blank', 'noopener');
    return;
  }
  const answer = await fetch(url, { credentials: 'omit' });
  const local = URL.createObjectURL(await answer.blob());
  const link = document.createElement('a');
  link.href = local;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(local), 60_000);
}
