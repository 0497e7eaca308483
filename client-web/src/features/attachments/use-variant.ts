import type { AttachmentItem, AttachmentVariant } from '@parley/client-common';
import { useEffect, useState } from 'react';

import { useClient } from '../../client-context.ts';

/** Maximum size in bytes at which the original picture is shown without waiting for a thumbnail. */
const SMALL = 200_000;
/** Maximum size in bytes at which a GIF is shown as the original: a thumbnail does not move. */
const MOVING = 5_000_000;
/** Types that may move too: a small one is shown as the original live and after a reload, so that it looks the same. */
const MAY_MOVE = new Set(['image/webp', 'image/avif']);
/** Pixels of such a picture at most. */
const SMALL_PIXELS = 4_000_000;
/** Age in milliseconds up to which a message counts as new, so that its thumbnail is waited for. */
const FRESH = 10_000;
const PATIENCE = 3_000;

/**
 * Chooses which variant of a picture to show. The server makes a thumbnail shortly after the file is sent,
 * so a large new file waits for it (`null`). A message that was kept on the device may not say that there is
 * a thumbnail, so for every large file it is asked for first. The choice does not change later.
 * @param at when the message was sent, by the server's clock
 */
export function useVariant(file: AttachmentItem, at: number): AttachmentVariant | null {
  const client = useClient();
  const [variant, setVariant] = useState(() => variantOf(file, client.now() - at));
  const isWaiting = variant === null;
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setTimeout(() => setVariant('thumbnail'), PATIENCE);
    return () => clearTimeout(timer);
  }, [isWaiting]);
  if (isWaiting && file.thumbnail) setVariant('thumbnail');
  return variant;
}

/** The variant to show of a file that was sent `age` milliseconds ago; `null`: its thumbnail may be in the making. */
export function variantOf(file: AttachmentItem, age: number): AttachmentVariant | null {
  const { contentType, size, thumbnail } = file;
  if (contentType === 'image/gif' && size <= MOVING) return 'original';
  if (MAY_MOVE.has(contentType) && isSmall(file)) return 'original';
  if (thumbnail) return 'thumbnail';
  if (size <= SMALL) return 'original';
  return age < FRESH ? null : 'thumbnail';
}

function isSmall({ height, size, width }: AttachmentItem): boolean {
  return size <= SMALL && width !== null && height !== null && width * height <= SMALL_PIXELS;
}
