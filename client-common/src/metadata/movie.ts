import { bytesOf, Draft, type Patch } from './patches.ts';

/** Bytes of the description of a film at most. */
const MOST = 64 * 1024 ** 2;
/** Boxes at the top of a file that are looked at. */
const MOST_BOXES = 10_000;
/** Boxes that hold nothing but a place: of QuickTime and of 3GPP. */
const PLACES = ['\u00a9xyz', 'loci'];
/** A place as ISO 6709 writes it: `+52.5200+013.4050+034.5/`. */
const ISO_6709 =
  /[+-]\d{2,7}(?:\.\d{1,12})?[+-]\d{3,8}(?:\.\d{1,12})?(?:[+-]\d{1,6}(?:\.\d{1,12})?)?(?:CRS[\w]{1,20})?\//g;
const BLANK = 0x20;

/** Reads the bytes of a file from `start` up to, not including, `end`; fewer if it ends earlier. */
export type ReadBytes = (start: number, end: number) => Promise<Uint8Array>;

/** What takes the place out of a film in the container of MP4, of which only the description is read. */
export async function moviePatches(file: { size: number; read: ReadBytes }): Promise<Patch[]> {
  let at = 0;
  for (let count = 0; count < MOST_BOXES && at + 8 <= file.size; count += 1) {
    const box = await boxAt(file.read, at);
    const end = box.size === 0 ? file.size : at + box.size;
    if (box.type === 'moov' && end - at <= MOST) {
      const draft = new Draft(await file.read(at, end), at);
      blankMovie(draft, 0, end - at);
      return draft.patches();
    }
    if (end <= at) return [];
    at = end;
  }
  return [];
}

/** Takes the place out of a film that stands behind or in a picture. */
export function blankEmbeddedMovies(draft: Draft): void {
  for (const at of draft.findAll('moov')) {
    if (at < 4) continue;
    const end = at - 4 + draft.view.getUint32(at - 4);
    if (end <= draft.bytes.length && end > at + 8) blankMovie(draft, at - 4, end);
  }
}

/** A box of a place becomes free space, which players pass over; places in other boxes become blanks. */
function blankMovie(draft: Draft, start: number, end: number): void {
  for (const type of PLACES) {
    for (const at of draft.findAll(type)) {
      if (at < start + 4 || at > end) continue;
      const boxEnd = at - 4 + draft.view.getUint32(at - 4);
      if (boxEnd > end || boxEnd < at + 4) continue;
      draft.write(at, bytesOf('free'));
      draft.fill(at + 4, boxEnd, 0);
    }
  }
  for (const found of draft.text(start, end).matchAll(ISO_6709)) {
    const at = start + found.index;
    draft.fill(at, at + found[0].length, BLANK);
  }
}

async function boxAt(read: ReadBytes, at: number): Promise<{ type: string; size: number }> {
  const head = await read(at, at + 16);
  if (head.length < 8) return { type: '', size: -1 };
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const type = String.fromCharCode(...head.subarray(4, 8));
  const size = view.getUint32(0);
  if (size !== 1) return { type, size: size === 0 || size >= 8 ? size : -1 };
  return { type, size: head.length < 16 ? -1 : Number(view.getBigUint64(8)) };
}
