import type { ConversationSummary } from '@parley/client-common';
import { useState } from 'react';

import { useClient, useReadable } from '../../client-context.ts';
import type { UnreadRange } from './build-rows.ts';

interface UnreadLine {
  readonly unread: UnreadRange;
  /** Whether the missed messages are known, so that later messages count as new instead of unread. */
  readonly settled: boolean;
}

/**
 * The range that was unread when the conversation was opened, or `null`. Reading does not change it,
 * and messages that arrive later do not belong to it.
 */
export function useUnreadLine(info: ConversationSummary): UnreadRange | null {
  const connection = useReadable(useClient().connection);
  const synced = connection.status === 'online' && connection.synced;
  const [line, setLine] = useState<UnreadLine>(() => ({
    unread: { after: info.readSeq, upTo: info.lastSeq },
    settled: synced,
  }));
  const { unread } = line;
  if (!line.settled && (unread.upTo !== info.lastSeq || synced)) {
    setLine({ unread: { after: unread.after, upTo: info.lastSeq }, settled: synced });
  }
  return unread.upTo > unread.after ? unread : null;
}
