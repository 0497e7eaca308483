import type {
  ConversationHandle,
  ConversationSummary,
  TimelineSnapshot,
} from '@parley/client-common';
import { useEffect, useRef, useState } from 'react';

import { useClient } from '../../client-context.ts';

/** With fewer entries than this after the last read one, the first page shows where reading goes on. */
const FAR = 45;
/** Milliseconds that nothing is shown while the page around the first unread message is fetched. */
const PATIENCE = 2_000;

export interface FarUnreadOptions {
  readonly handle: ConversationHandle;
  readonly snapshot: TimelineSnapshot;
  readonly info: ConversationSummary;
}

/**
 * Opens a conversation with much unread where reading goes on instead of at its end. Answers
 * whether that page is still on its way; until then nothing is drawn, so that nothing jumps.
 */
export function useFarUnread({ handle, snapshot, info }: FarUnreadOptions): boolean {
  const client = useClient();
  const goal = useRef(info.readSeq + 1);
  const asked = useRef(false);
  const [waiting, setWaiting] = useState(
    () =>
      info.unreadCount > 0 &&
      info.lastSeq - info.readSeq > FAR &&
      client.connection.get().status === 'online',
  );

  // The newest page comes first in any case; a jump before it would be undone by it.
  const settled =
    snapshot.status === 'ready' && (snapshot.hasNewer || snapshot.lastSeq >= info.lastSeq);
  useEffect(() => {
    if (!waiting || !settled || asked.current) return;
    asked.current = true;
    handle.jumpTo(goal.current).then(
      () => setWaiting(false),
      () => setWaiting(false),
    );
  }, [handle, waiting, settled]);

  useEffect(() => {
    const timer = setTimeout(() => setWaiting(false), PATIENCE);
    return () => clearTimeout(timer);
  }, []);
  return waiting;
}
