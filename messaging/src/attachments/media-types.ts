import type { AttachmentKind } from '@parley/common/contract';

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
  ['audio/mpeg3', 'audio/mpeg'],
  ['audio/x-mp3', 'audio/mpeg'],
  ['audio/mpg', 'audio/mpeg'],
  ['audio/x-m4b', 'audio/mp4'],
  ['audio/m4b', 'audio/mp4'],
  ['audio/x-m4r', 'audio/mp4'],
  ['audio/mp4a-latm', 'audio/mp4'],
  ['audio/aac-adts', 'audio/aac'],
  ['audio/vnd.dlna.adts', 'audio/aac'],
  ['audio/x-hx-aac-adts', 'audio/aac'],
  ['audio/x-pn-wav', 'audio/wav'],
  ['audio/x-opus+ogg', 'audio/ogg'],
  ['audio/vorbis', 'audio/ogg'],
  ['audio/x-aiff', 'audio/aiff'],
  ['audio/mid', 'audio/midi'],
  ['audio/x-midi', 'audio/midi'],
  ['image/x-ms-bmp', 'image/bmp'],
  ['image/x-bmp', 'image/bmp'],
  ['image/vnd.microsoft.icon', 'image/x-icon'],
  ['image/ico', 'image/x-icon'],
  ['image/x-tiff', 'image/tiff'],
  ['image/tif', 'image/tiff'],
  ['image/x-webp', 'image/webp'],
  ['image/svg', 'image/svg+xml'],
  ['video/m4v', 'video/mp4'],
  ['video/x-msvideo', 'video/vnd.avi'],
  ['video/avi', 'video/vnd.avi'],
  ['video/msvideo', 'video/vnd.avi'],
  ['video/mov', 'video/quicktime'],
  ['video/mp1s', 'video/mpeg'],
  ['video/mp2p', 'video/mpeg'],
  ['video/mpg', 'video/mpeg'],
  ['video/x-mpeg', 'video/mpeg'],
  ['application/x-zip-compressed', 'application/zip'],
  ['application/x-zip', 'application/zip'],
  ['application/x-compressed', 'application/zip'],
  ['application/vnd.rar', 'application/x-rar-compressed'],
  ['application/x-rar', 'application/x-rar-compressed'],
  ['application/x-gzip', 'application/gzip'],
  ['text/rtf', 'application/rtf'],
  ['text/x-vcard', 'text/vcard'],
  ['application/x-javascript', 'text/javascript'],
  ['application/javascript', 'text/javascript'],
  ['text/x-json', 'application/json'],
  ['application/x-msdos-program', 'application/x-msdownload'],
  ['application/x-dosexec', 'application/x-msdownload'],
  ['application/vnd.microsoft.portable-executable', 'application/x-msdownload'],
]);

/** The type under which all other files are stored and served: no browser runs it. */
export const OPAQUE_TYPE = 'application/octet-stream';

/** The usual name of a media type in lower case, without parameters. */
export function canonicalType(type: string): string {
  const plain = (type.split(';', 1)[0] ?? '').trim().toLowerCase();
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
