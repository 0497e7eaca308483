import type { ConversationSummary } from '@parley/client-common';
import { useState } from 'react';

import { useClient, useReadable } from '../../client-context.ts';

interface UnreadLine {
  readonly readSeq: number;
  readonly lastSeq: number;
  /** Whether what was missed is known, so that later messages are new and not unread. */
  readonly settled: boolean;
}

/**
 * The `seq` after which the unread line stands, or `null`. It is where it was when the conversation
 * was opened: reading does not move it, and messages that come afterwards do not make one.
 */
export function useUnreadLine(info: ConversationSummary): number | null {
  const connection = useReadable(useClient().connection);
  const synced = connection.status === 'online' && connection.synced;
  const [line, setLine] = useState<UnreadLine>(() => ({
    readSeq: info.readSeq,
    lastSeq: info.lastSeq,
    settled: synced,
  }));
  const moved = line.lastSeq !== info.lastSeq || synced;
  if (!line.settled && moved) {
    setLine({ readSeq: line.readSeq, lastSeq: info.lastSeq, settled: synced });
  }
  return line.lastSeq > line.readSeq ? line.readSeq : null;
}
