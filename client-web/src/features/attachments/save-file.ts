import type { AttachmentItem, Uploads } from '@parley/client-common';

/** What is shown in place is fetched to be saved up to this many bytes; above, it is opened. */
const FETCHED = 64 * 1_000 * 1_000;

/** Saves a file on the device. Rejects with an `AppError` where it is gone. */
export async function saveFile(uploads: Uploads, { id, kind, name, size }: AttachmentItem) {
  const url = await uploads.url(id ?? '');
  if (kind === 'file') {
    // The store names it and has it saved; the page stays.
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
