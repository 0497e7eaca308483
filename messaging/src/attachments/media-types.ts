import type { AttachmentKind } from '@parley/common/contract';
import { supportedMimeTypes } from 'file-type';

/** Types that browsers show in place without running any code in them. */
const SHOWN: ReadonlyMap<string, AttachmentKind> = new Map<string, AttachmentKind>([
  ['image/png', 'image'],
  ['image/jpeg', 'image'],
  ['image/gif', 'image'],
  ['image/webp', 'image'],
  ['image/avif', 'image'],
  ['video/mp4', 'video'],
  ['video/webm', 'video'],
  ['audio/mpeg', 'audio'],
  ['audio/aac', 'audio'],
  ['audio/mp4', 'audio'],
  ['audio/ogg', 'audio'],
  ['audio/flac', 'audio'],
  ['audio/wav', 'audio'],
  ['audio/webm', 'audio'],
]);

/** Other names of the same type, as browsers and phones write them. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['image/apng', 'image/png'],
  ['image/vnd.mozilla.apng', 'image/png'],
  ['image/x-png', 'image/png'],
  ['video/x-m4v', 'video/mp4'],
  ['video/matroska', 'video/x-matroska'],
  ['audio/mp3', 'audio/mpeg'],
  ['audio/x-mpeg', 'audio/mpeg'],
  ['audio/x-aac', 'audio/aac'],
  ['audio/aacp', 'audio/aac'],
  ['audio/x-m4a', 'audio/mp4'],
  ['audio/m4a', 'audio/mp4'],
  ['audio/opus', 'audio/ogg'],
  ['audio/x-flac', 'audio/flac'],
  ['audio/x-wav', 'audio/wav'],
  ['audio/wave', 'audio/wav'],
  ['audio/vnd.wave', 'audio/wav'],
  ['application/x-pdf', 'application/pdf'],
  ['application/x-zip-compressed', 'application/zip'],
]);

/** Types of one container, which its first bytes do not always tell apart. */
const FAMILIES: readonly ReadonlySet<string>[] = [
  new Set(['video/mp4', 'audio/mp4', 'video/quicktime']),
  new Set(['video/webm', 'audio/webm']),
  new Set(['audio/ogg', 'video/ogg', 'application/ogg']),
  new Set(['audio/3gpp', 'video/3gpp']),
  new Set(['image/heic', 'image/heif', 'image/heic-sequence', 'image/heif-sequence']),
];

const ZIPPED = /^application\/(zip$|vnd\.openxmlformats-|vnd\.oasis\.|vnd\.ms-|epub\+zip$|java-)/;
const MEDIA = /^(image|video|audio)\//;
const ARCHIVES = new Set(['application/pdf', 'application/zip']);
const RECOGNISED: ReadonlySet<string> = new Set([...supportedMimeTypes].map(canonicalType));

/** The type under which all other files are stored and served: no browser runs it. */
export const OPAQUE_TYPE = 'application/octet-stream';

/** The usual name of a media type in lower case, without parameters. */
export function canonicalType(type: string): string {
  const plain = (type.split(';', 1)[0] ?? '').trim();
  return ALIASES.get(plain) ?? plain;
}

/** How a file of a type can be shown. */
export function kindOf(contentType: string): AttachmentKind {
  return SHOWN.get(contentType) ?? 'file';
}

/** The type under which the store keeps and serves a file. */
export function storedType(contentType: string): string {
  return SHOWN.has(contentType) ? contentType : OPAQUE_TYPE;
}

/**
 * Whether content may have the type that its sender announced. Images, audio, video, PDF and ZIP must be recognised as
 * such; everything else must not be recognised as a type that is shown in place.
 * @param announced - canonical
 * @param found - the type that the first bytes look like; `undefined`: unknown
 */
export function agrees(announced: string, found: string | undefined): boolean {
  const real = found === undefined ? undefined : canonicalType(found);
  if (real === announced) return true;
  if (real !== undefined && areOneFamily(announced, real)) return true;
  const mustBeRecognised =
    RECOGNISED.has(announced) && (MEDIA.test(announced) || ARCHIVES.has(announced));
  if (mustBeRecognised) return false;
  if (announced === OPAQUE_TYPE || real === undefined) return true;
  return !SHOWN.has(real) && real !== 'application/pdf';
}

function areOneFamily(one: string, other: string): boolean {
  if (ZIPPED.test(one) && ZIPPED.test(other)) return true;
  return FAMILIES.some((family) => family.has(one) && family.has(other));
}
