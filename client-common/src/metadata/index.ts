import { removeExifPlace } from './exif.ts';
import { blankEmbeddedMovies, moviePatches, type ReadBytes } from './movie.ts';
import { Draft, type Patch } from './patches.ts';
import { dropPacked, renewChecksums } from './png.ts';
import { blankWrittenPlaces } from './texts.ts';

export type { Patch, ReadBytes };

/** A file whose bytes can be read, of any platform. */
export interface ReadableFile {
  /** Bytes. */
  readonly size: number;
  readonly read: ReadBytes;
}

/** The `Blob` of browsers, as far as it is used here. */
export interface BlobLike {
  readonly size: number;
  slice(start: number, end: number): BlobLike;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Bytes of a picture that are searched; what cameras write about it stands before its pixels or right behind them. */
const SEARCHED = 128 * 1024 ** 2;
/** Brands of pictures in the container of MP4. */
const PICTURES = /^(?:heic|heix|heim|heis|hevc|hevx|mif1|mif2|msf1|avif|avis|crx )$/;
const MOVIE = /^(?:ftyp|moov|mdat|wide|free|skip)$/;

type Container = 'picture' | 'png' | 'movie' | 'other';

/**
 * What takes the place where it was taken out of a picture or a film: coordinates and names of places in Exif, XMP and
 * IPTC (JPEG, PNG, WebP, HEIC, AVIF, TIFF), and in MP4 and MOV. Every patch replaces as many bytes as it has, so pixels,
 * orientation, colours and the length of the file stay. No patches: nothing is found, or it is another file.
 */
export async function placePatches(file: ReadableFile): Promise<readonly Patch[]> {
  const container = containerOf(await file.read(0, 16));
  if (container === 'other') return [];
  if (container === 'movie') return moviePatches(file);
  const draft = new Draft(await file.read(0, Math.min(file.size, SEARCHED)));
  removeExifPlace(draft);
  blankWrittenPlaces(draft);
  blankEmbeddedMovies(draft);
  if (container === 'png') {
    dropPacked(draft);
    renewChecksums(draft);
  }
  return draft.patches();
}

/**
 * The content of a file without the place where it was taken, as parts for `new File(parts, …)`; `null`: it names none.
 * Reads a film in pieces, whatever its length.
 */
export async function withoutPlace(file: BlobLike): Promise<(BlobLike | Uint8Array)[] | null> {
  const read: ReadBytes = async (start, end) =>
    new Uint8Array(await file.slice(start, Math.min(end, file.size)).arrayBuffer());
  const patches = await placePatches({ size: file.size, read });
  return patches.length === 0 ? null : parts(file, patches);
}

/** Later patches win where two overlap. */
function parts(file: BlobLike, patches: readonly Patch[]): (BlobLike | Uint8Array)[] {
  let pieces: { start: number; end: number; bytes: Uint8Array | null }[] = [
    { start: 0, end: file.size, bytes: null },
  ];
  for (const { bytes, start } of patches) {
    const end = start + bytes.length;
    pieces = pieces.flatMap((piece) => {
      if (piece.end <= start || piece.start >= end) return [piece];
      return [cut(piece, piece.start, start), cut(piece, end, piece.end)].filter(
        (rest) => rest.start < rest.end,
      );
    });
    pieces.push({ start, end, bytes });
  }
  pieces.sort((one, other) => one.start - other.start);
  return pieces.map(({ bytes, end, start }) => bytes ?? file.slice(start, end));
}

function cut(
  piece: { start: number; end: number; bytes: Uint8Array | null },
  start: number,
  end: number,
) {
  const bytes = piece.bytes?.subarray(start - piece.start, end - piece.start) ?? null;
  return { start, end, bytes };
}

function containerOf(head: Uint8Array): Container {
  const text = String.fromCharCode(...head);
  if (text.startsWith('\u0089PNG')) return 'png';
  if (text.startsWith('\u00ff\u00d8\u00ff') || /^(?:II\*\0|MM\0\*|RIFF[^]{4}WEBP)/.test(text)) {
    return 'picture';
  }
  const type = text.slice(4, 8);
  if (!MOVIE.test(type)) return 'other';
  return type === 'ftyp' && PICTURES.test(text.slice(8, 12)) ? 'picture' : 'movie';
}
