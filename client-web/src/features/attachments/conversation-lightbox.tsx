import type { TimelineItem } from '@parley/client-common';
import { type ReactNode, useMemo, useState } from 'react';

import { Lightbox, type PictureItem } from './lightbox.tsx';
import { LightboxContext } from './lightbox-context.ts';

export interface ConversationLightboxProps {
  readonly items: readonly TimelineItem[];
  readonly children: ReactNode;
}

/** Provides the lightbox for the pictures of an open conversation. */
export function ConversationLightbox({ items, children }: ConversationLightboxProps) {
  const [shown, setShown] = useState<string | null>(null);
  const control = useMemo(() => ({ open: (key: string) => setShown(key) }), []);
  const pictures = useMemo(() => (shown === null ? [] : items.filter(isPicture)), [items, shown]);
  const index = pictures.findIndex(({ key }) => key === shown);
  return (
    <LightboxContext value={control}>
      {children}
      {index >= 0 && (
        <Lightbox
          pictures={pictures}
          index={index}
          onIndex={(next) => setShown(pictures[next]?.key ?? null)}
          onClose={() => setShown(null)}
        />
      )}
    </LightboxContext>
  );
}

function isPicture(item: TimelineItem): item is PictureItem {
  return (
    item.kind === 'message' && item.attachment?.kind === 'image' && item.attachment.id !== null
  );
}
