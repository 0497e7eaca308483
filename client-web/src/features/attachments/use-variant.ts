import type { AttachmentItem, AttachmentVariant } from '@parley/client-common';
import { useEffect, useState } from 'react';

import { useClient } from '../../client-context.ts';

/** Maximum size in bytes at which the original picture is shown without waiting for a thumbnail. */
const SMALL = 200_000;
/** Age in milliseconds up to which a message counts as new, so that its thumbnail is waited for. */
const FRESH = 10_000;
const PATIENCE = 3_000;

/**
 * Chooses which variant of a picture to show: the thumbnail if it exists. The server creates it shortly
 * after the file is sent, so a large new file waits for it (`null`). The choice does not change later.
 * @param at when the message was sent, by the server's clock
 */
export function useVariant(file: AttachmentItem, at: number): AttachmentVariant | null {
  const client = useClient();
  const { id, size, thumbnail } = file;
  const [variant, setVariant] = useState<AttachmentVariant | null>(() => {
    if (thumbnail) return 'thumbnail';
    return size > SMALL && client.now() - at < FRESH ? null : 'original';
  });
  useEffect(() => {
    if (variant !== null) return;
    const timer = setTimeout(() => setVariant('original'), PATIENCE);
    const stop = client.onEvent('attachment', ({ attachmentId }) => {
      if (attachmentId === id) setVariant('thumbnail');
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [client, id, variant]);
  return variant;
}
