import type { TimelineItem } from '@parley/client-common';
import { useState } from 'react';

import { texts } from '../../texts/index.ts';
import { plainText } from '../formatting/plain-text.ts';

export interface AnnouncerProps {
  readonly items: readonly TimelineItem[];
  readonly nameOf: (userId: string) => string;
}

/** Announces new messages from others politely, but not older ones that load while scrolling. */
export function Announcer({ items, nameOf }: AnnouncerProps) {
  const last = items.findLast((item) => item.kind === 'message' && !item.own);
  const [first, setFirst] = useState<number | null>(null);
  const seq = last?.kind === 'message' ? (last.seq ?? 0) : 0;
  if (first === null && items.length > 0) setFirst(seq);
  const fresh = last?.kind === 'message' && first !== null && seq > first ? last.text : null;
  return (
    <div className="visually-hidden" aria-live="polite">
      {fresh !== null &&
        last !== undefined &&
        texts.list.from(nameOf(last.senderId), plainText(fresh))}
    </div>
  );
}
