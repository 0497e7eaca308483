import { AppError, CLIENT_LIMITS, graphemes, isVisible, utf8Bytes } from '@parley/common';
import type { AttachmentKind } from '@parley/common/contract';

import type { OutgoingFile } from '../attachments/types.ts';
import type { SendFileOptions, UploadFile } from './types.ts';

const UNKNOWN_TYPE = 'application/octet-stream';
const TYPE = /^[a-z0-9][\w!#$&^.+-]*\/[a-z0-9][\w!#$&^.+-]*$/;
/** What apps show inline. An SVG can contain scripts and stays a file. */
const INLINE = /^(image\/(?:png|jpeg|webp|gif|avif)$|video\/|audio\/)/;

/** Describes a file as it is shown and announced. Throws `invalid_input` or `payload_too_large`. */
export function describeFile(file: UploadFile, options: SendFileOptions): OutgoingFile {
  if (file.size < 1) throw new AppError('invalid_input', 'The file is empty');
  if (file.size > CLIENT_LIMITS.attachmentBytes) throw new AppError('payload_too_large');
  const given = (file.type.split(';', 1)[0] ?? '').trim().toLowerCase();
  const contentType =
    TYPE.test(given) && given.length <= CLIENT_LIMITS.attachmentTypeMax ? given : UNKNOWN_TYPE;
  return {
    id: null,
    name: cleanName(file.name),
    contentType,
    size: file.size,
    kind: INLINE.test(contentType) ? (contentType.split('/', 1)[0] as AttachmentKind) : 'file',
    width: whole(options.width),
    height: whole(options.height),
    durationMs: whole(options.durationMs),
    thumbnail: false,
    lastModified: file.lastModified ?? null,
  };
}

// eslint-disable-next-line no-control-regex -- these characters are refused
const REFUSED = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\p{Surrogate}]/gu;

/** The name as the server accepts it: on one line, without a path, short enough, with its extension. */
export function cleanName(name: string): string {
  const line = name.normalize('NFC').replace(REFUSED, '').replace(/[/\\]/gu, '_').trim();
  const dot = line.lastIndexOf('.');
  const ending = dot > 0 && line.length - dot <= 16 ? line.slice(dot) : '';
  const stem = [...graphemes(line.slice(0, line.length - ending.length))];
  const whole = () => stem.join('') + ending;
  while (utf8Bytes(whole()) > CLIENT_LIMITS.attachmentNameBytes) stem.pop();
  return isVisible(whole()) ? whole() : 'file';
}

/** Whether it is the file that was chosen, as far as a page can tell. */
export function isSameFile(wanted: OutgoingFile, file: UploadFile): boolean {
  const times = [wanted.lastModified ?? null, file.lastModified ?? null];
  const sameTime = times.includes(null) || times[0] === times[1];
  return wanted.name === cleanName(file.name) && wanted.size === file.size && sameTime;
}

function whole(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) && value >= 1 ? Math.round(value) : null;
}
