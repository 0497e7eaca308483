import type {
  ConversationHandle,
  ConversationSummary,
  TimelineSnapshot,
} from '@parley/client-common';
import { useEffect, useRef, useState } from 'react';

import { useClient } from '../../client-context.ts';

/** With fewer unread entries than this, the newest page includes the first unread message. */
const FAR = 45;
/** Maximum wait in milliseconds for the page around the first unread message. */
const PATIENCE = 2_000;

export interface FarUnreadOptions {
  readonly handle: ConversationHandle;
  readonly snapshot: TimelineSnapshot;
  readonly info: ConversationSummary;
}

/**
 * Opens a conversation with many unread messages at the first unread one instead of at the end.
 * Returns whether that page is still loading; nothing is rendered meanwhile, so that nothing jumps.
 */
export function useFarUnread({ handle, snapshot, info }: FarUnreadOptions): boolean {
  const client = useClient();
  const readSeq = useRef(info.readSeq);
  const asked = useRef(false);
  const [waiting, setWaiting] = useState(
    () =>
      info.unreadCount > 0 &&
      info.lastSeq - info.readSeq > FAR &&
      client.connection.get().status === 'online',
  );

  // The newest page always loads first and would undo an earlier jump.
  const settled =
    snapshot.status === 'ready' && (snapshot.hasNewer || snapshot.lastSeq >= info.lastSeq);
  useEffect(() => {
    if (!waiting || !settled || asked.current) return;
    asked.current = true;
    const from = Math.max(readSeq.current, info.storedReadSeq);
    if (info.lastSeq - from <= FAR) {
      setWaiting(false);
      return;
    }
    handle.jumpTo(from + 1).then(
      () => setWaiting(false),
      () => setWaiting(false),
    );
  }, [handle, waiting, settled, info.lastSeq, info.storedReadSeq]);

  useEffect(() => {
    const timer = setTimeout(() => setWaiting(false), PATIENCE);
    return () => clearTimeout(timer);
  }, []);
  return waiting;
}
