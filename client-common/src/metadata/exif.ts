import type { Draft } from './patches.ts';

const GPS_POINTER = 0x8825;
/** Entries of a directory and directories of a file at most; cameras write fewer. */
const MOST = { entries: 1_000, directories: 16 };
const ENTRY = 12;
/** Bytes of a value by its type, from 1 on. */
const SIZES = [1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4] as const;

/** Where the directories of a TIFF block are, and how its numbers are written. */
interface Block {
  /** Position of its header. */
  readonly start: number;
  readonly isLittle: boolean;
}

interface Directory {
  readonly start: number;
  readonly entries: number;
}

/**
 * Removes the directory of the place (GPS) from every Exif block, wherever it stands in the file: JPEG, PNG, WebP, HEIC,
 * TIFF and raw photos hold it in the same form, and a JPEG may have a second picture behind its end.
 */
export function removeExifPlace(draft: Draft): void {
  for (const start of draft.findAll('II*\0')) cleanBlock(draft, { start, isLittle: true });
  for (const start of draft.findAll('MM\0*')) cleanBlock(draft, { start, isLittle: false });
}

function cleanBlock(draft: Draft, block: Block): void {
  let offset = uint32(draft, block.start + 4, block);
  for (let count = 0; count < MOST.directories && offset !== 0; count += 1) {
    const directory = directoryAt(draft, block, offset);
    if (directory === null) return;
    const next = directory.start + 2 + directory.entries * ENTRY;
    offset = uint32(draft, next, block);
    cleanDirectory(draft, block, directory);
  }
}

function cleanDirectory(draft: Draft, block: Block, directory: Directory): void {
  const { entries, start } = directory;
  for (let index = 0; index < entries; index += 1) {
    const at = start + 2 + index * ENTRY;
    if (uint16(draft, at, block) !== GPS_POINTER) continue;
    const place = directoryAt(draft, block, uint32(draft, at + 8, block));
    if (place !== null) erase(draft, block, place);
    removeEntry(draft, block, { ...directory, at });
    return;
  }
}

/** Overwrites a directory and its values. */
function erase(draft: Draft, block: Block, { entries, start }: Directory): void {
  for (let index = 0; index < entries; index += 1) {
    const at = start + 2 + index * ENTRY;
    const bytes = (SIZES[uint16(draft, at + 2, block) - 1] ?? 1) * uint32(draft, at + 4, block);
    if (bytes <= 4) continue;
    const value = block.start + uint32(draft, at + 8, block);
    if (value + bytes <= draft.bytes.length) draft.fill(value, value + bytes, 0);
  }
  draft.fill(start, start + 2 + entries * ENTRY + 4, 0);
}

/** Moves the entries behind it, and the position of the next directory, to the front. */
function removeEntry(draft: Draft, block: Block, removed: Directory & { at: number }): void {
  const { at, entries, start } = removed;
  const end = start + 2 + entries * ENTRY + 4;
  const rest = draft.bytes.slice(at + ENTRY, end);
  const count = new Uint8Array(2);
  new DataView(count.buffer).setUint16(0, entries - 1, block.isLittle);
  draft.write(start, count);
  draft.write(at, rest);
  draft.fill(end - ENTRY, end, 0);
}

/** `null`: there is none, so these bytes only look like an Exif block. */
function directoryAt(draft: Draft, block: Block, offset: number): Directory | null {
  const start = block.start + offset;
  if (offset < 8 || start + 2 > draft.bytes.length) return null;
  const entries = uint16(draft, start, block);
  const isWhole = start + 2 + entries * ENTRY + 4 <= draft.bytes.length;
  return entries > 0 && entries <= MOST.entries && isWhole ? { start, entries } : null;
}

function uint16({ view }: Draft, at: number, { isLittle }: Block): number {
  return at + 2 <= view.byteLength ? view.getUint16(at, isLittle) : 0;
}

function uint32({ view }: Draft, at: number, { isLittle }: Block): number {
  return at + 4 <= view.byteLength ? view.getUint32(at, isLittle) : 0;
}
