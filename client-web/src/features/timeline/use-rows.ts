import type { ConversationSummary, TimelineItem, TimelineSnapshot } from '@parley/client-common';
import { useMemo, useRef } from 'react';

import { buildRows, type Row } from './build-rows.ts';
import { useUnreadLine } from './use-unread-line.ts';

/** The rows of a timeline; each row is the same object until it changes. */
export function useRows(snapshot: TimelineSnapshot, info: ConversationSummary): readonly Row[] {
  const before = useRef<readonly Row[]>([]);
  const { items, hasOlder, status } = snapshot;
  const unread = useUnreadLine(info, items);
  const events = info.kind === 'group';
  return useMemo(() => {
    const fromStart = status === 'ready' && !hasOlder;
    before.current = buildRows(items, { fromStart, unread, events }, before.current);
    return before.current;
  }, [items, hasOlder, status, unread, events]);
}

/** The ids of all users that appear in a timeline. */
export function peopleIn(items: readonly TimelineItem[]): ReadonlySet<string> {
  const people = new Set<string>();
  for (const item of items) {
    people.add(item.senderId);
    if (item.kind === 'members') for (const userId of item.userIds) people.add(userId);
    if (item.kind === 'message' && item.replyTo?.senderId != null)
      people.add(item.replyTo.senderId);
  }
  return people;
}
