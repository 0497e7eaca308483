import type { AttachmentItem, AttachmentVariant } from '@parley/client-common';
import { useEffect, useState } from 'react';

import { useClient } from '../../client-context.ts';

/** Bytes up to which a picture is loaded as it is. */
const SMALL = 200_000;
/** Milliseconds for which a message counts as new, and its small picture is waited for. */
const FRESH = 10_000;
const PATIENCE = 3_000;

/**
 * Which picture of a file is shown: the small one where there is one. Servers make it a moment after
 * the file is sent, so that of a new large file is waited for (`null`); what is shown does not change.
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
