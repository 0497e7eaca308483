import { canonicalType, OPAQUE_TYPE } from '../media-types.ts';
import { isoMediaType } from './iso-media.ts';
import { textLikeness } from './text-content.ts';
import { isPdf, isTextual, textType } from './text-types.ts';

/** What is known of a file before its type is recognised. */
export interface Announcement {
  /** Canonical. It decides only where the content does not tell types apart. */
  readonly contentType: string;
  /** Whether the bytes are all of the file. */
  readonly isWhole: boolean;
}

/** Types of documents that are ZIP archives inside. */
const ZIPPED =
  /^application\/(?:vnd\.(?:openxmlformats-|oasis\.|ms-|apple\.|google-earth\.kmz|android\.package-archive|comicbook\+zip|adobe\.)|epub\+zip$|java-|x-(?:cbz|xpinstall|ios-app|zip$)|zip$)|^model\/(?:3mf|vnd\.usdz\+zip)$/;
/** Types of documents in the older container of Microsoft. */
const COMPOUND =
  /^application\/(?:msword|vnd\.(?:ms-(?:excel|powerpoint|outlook|works|project|publisher)|visio)|x-(?:msi|mspublisher|hwp)|msexcel|mspowerpoint|x-msi)$/;
const CODECS = {
  film: /V_(?:VP[89]|AV1|MPEG|THEORA|MS|REAL|QUICKTIME|PRORES|MJPEG|UNCOMPRESSED|FFV1)/,
  sound: /A_[A-Z]{2}/,
};

/**
 * The media type of a file by its first bytes, canonical. {@link OPAQUE_TYPE}: not recognised. Never throws: whatever the
 * content is, it has one of these types.
 */
export async function recognise(bytes: Uint8Array, announcement: Announcement): Promise<string> {
  const { contentType: announced, isWhole } = announcement;
  const text = textLikeness(bytes, isWhole);
  if (text === 'certain') return textType(bytes, announced);
  const found = await foundIn(bytes);
  if (found !== undefined) return refined(found, bytes, announced);
  if (isPdf(bytes)) return 'application/pdf';
  if (text === 'likely' && isTextual(announced)) return textType(bytes, announced);
  return OPAQUE_TYPE;
}

async function foundIn(bytes: Uint8Array): Promise<string | undefined> {
  if (startsWith(bytes, 'RF64') || startsWith(bytes, 'BW64')) return 'audio/wav';
  try {
    // Imported on demand, because a node that gets no files does not need it.
    const { fileTypeFromBuffer } = await import('file-type');
    const found = await fileTypeFromBuffer(bytes);
    return found === undefined ? undefined : canonicalType(found.mime.toLowerCase());
  } catch {
    return undefined;
  }
}

/** Tells the types of one container apart. */
function refined(found: string, bytes: Uint8Array, announced: string): string {
  switch (found) {
    case 'application/pdf':
      return isPdf(bytes) ? found : OPAQUE_TYPE;
    case 'application/zip':
      return ZIPPED.test(announced) ? announced : found;
    case 'application/x-cfb':
      return COMPOUND.test(announced) ? announced : found;
    case 'application/ogg':
      return announced === 'audio/ogg' ? announced : found;
    case 'application/xml':
      return isTextual(announced) ? textType(bytes, announced) : found;
    case 'video/webm':
    case 'video/x-matroska':
      return hasSoundOnly(bytes, announced) ? found.replace('video', 'audio') : found;
    default:
      return startsWith(bytes.subarray(4), 'ftyp') ? isoType(found, bytes, announced) : found;
  }
}

/** A brand that neither list knows may be anything in this container. */
function isoType(found: string, bytes: Uint8Array, announced: string): string {
  const known = isoMediaType(bytes, announced);
  if (known !== undefined) return known;
  return found === 'video/mp4' ? OPAQUE_TYPE : found;
}

function hasSoundOnly(bytes: Uint8Array, announced: string): boolean {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (CODECS.film.test(content)) return false;
  return CODECS.sound.test(content) || announced.startsWith('audio/');
}

function startsWith(bytes: Uint8Array, signature: string): boolean {
  return Buffer.from(bytes.subarray(0, signature.length)).toString('latin1') === signature;
}
