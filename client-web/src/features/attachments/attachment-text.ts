import type { AttachmentItem } from '@parley/client-common';
import { beginning } from '@parley/common';

import { texts } from '../../texts/index.ts';
import { plainText } from '../formatting/plain-text.ts';

/** How much of a text is parsed for a preview, in UTF-16 units. */
const PREVIEWED = 1_000;

/** A short description of a file: "Photo", "Video", or its name. */
export function attachmentText({ kind, name }: AttachmentItem): string {
  switch (kind) {
    case 'image':
      return texts.attachments.photo;
    case 'video':
      return texts.attachments.video;
    case 'audio':
      return texts.attachments.audio;
    case 'file':
      return name;
  }
}

/** The beginning of a message without formatting marks: the description of its file, then its text. */
export function contentText(message: {
  readonly text: string | null;
  readonly attachment: AttachmentItem | null;
}): string {
  const { attachment } = message;
  const text = message.text === null ? null : plainText(beginning(message.text, PREVIEWED));
  if (attachment === null) return text ?? '';
  return text === null ? attachmentText(attachment) : `${attachmentText(attachment)} · ${text}`;
}

/** A human-readable size: 1 KB is 1,000 bytes. */
export function sizeText(bytes: number): string {
  const { units } = texts.attachments;
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  const number = value.toLocaleString(texts.language, { maximumFractionDigits: digits });
  return `${number} ${units[unit] ?? ''}`;
}
