import type { AttachmentItem } from '@parley/client-common';
import { Image } from 'lucide-react';

import { texts } from '../../texts/index.ts';
import { sizeText } from './attachment-text.ts';

/** Pixels above which a picture is not loaded by itself: it takes four bytes of memory for each of them. */
const MOST_PIXELS = 50_000_000;

/** Whether a picture has to be asked for: it is very large, and the server has no thumbnail of it. */
export function isHeavy({
  height,
  thumbnail,
  width,
}: Pick<AttachmentItem, 'height' | 'thumbnail' | 'width'>): boolean {
  return !thumbnail && (width ?? 0) * (height ?? 0) > MOST_PIXELS;
}

export interface HeavyPictureProps {
  readonly attachment: AttachmentItem;
  readonly onShow: () => void;
}

/** Stands in for a very large picture until the user asks for it. */
export function HeavyPicture({ attachment, onShow }: HeavyPictureProps) {
  const { height, size, width } = attachment;
  const { language } = texts;
  const sides = [width ?? 0, height ?? 0].map((side) => side.toLocaleString(language));
  return (
    <button type="button" className="media-heavy" onClick={onShow}>
      <Image size={22} aria-hidden />
      <span>{texts.attachments.heavy(sides.join(' × '), sizeText(size))}</span>
      <span className="media-heavy-show">{texts.attachments.showHeavy}</span>
    </button>
  );
}
