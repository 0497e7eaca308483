import { AppError, type AttachmentItem, type Uploads } from '@parley/client-common';

/** Size limit in bytes for fetching a file in order to save it under its name; larger files are loaded by the browser. */
const FETCHED = 64 * 1_000 * 1_000;
/** Milliseconds after which a frame that loads a download is removed: the browser has taken it over by then. */
const FRAME_STAYS = 60_000;

/**
 * Saves a file on the device. Rejects with an `AppError` if the file no longer exists. Never navigates the page: Firefox
 * would close its WebSocket, and a refusal of the object store would replace the app.
 */
export async function saveFile(uploads: Uploads, { id, kind, name, size }: AttachmentItem) {
  const url = await uploads.url(id ?? '');
  if (kind === 'file') {
    await check(url);
    loadInFrame(url);
  } else if (size > FETCHED) openTab(url);
  else await fetchAndSave(url, name);
}

/** Asks for the first byte, because the page does not learn what happens in the frame. Throws if the store refuses. */
async function check(url: string): Promise<void> {
  const answer = await fetch(url, { credentials: 'omit', headers: { range: 'bytes=0-0' } });
  await answer.body?.cancel();
  if (!answer.ok) throw new AppError(answer.status === 404 ? 'not_found' : 'unavailable');
}

/** The object store sends the file as a download with its name; a refusal stays in the frame. */
function loadInFrame(url: string): void {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.title = '';
  frame.src = url;
  document.body.append(frame);
  setTimeout(() => frame.remove(), FRAME_STAYS);
}

function openTab(url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.target = '_blank';
  link.rel = 'noopener';
  link.click();
}

async function fetchAndSave(url: string, name: string): Promise<void> {
  const answer = await fetch(url, { credentials: 'omit' });
  if (!answer.ok) throw new AppError(answer.status === 404 ? 'not_found' : 'unavailable');
  const local = URL.createObjectURL(await answer.blob());
  const link = document.createElement('a');
  link.href = local;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(local), FRAME_STAYS);
}
