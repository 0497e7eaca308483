import type { ConversationSummary, TimelineItem } from '@parley/client-common';
import { useMemo, useState } from 'react';

import { useClient, useReadable } from '../../client-context.ts';
import type { UnreadRange } from './build-rows.ts';
import { useAttention } from './use-attention.ts';

interface UnreadLine {
  readonly unread: UnreadRange;
  /** Whether what happened meanwhile is known, so that later messages count as new instead of unread. */
  readonly settled: boolean;
  /** Whether the user was looking at the page when this was decided. */
  readonly attentive: boolean;
}

/**
 * The range that was unread when the conversation was opened or when the user came back to the page, or `null`. What
 * the user had read on another device by then does not belong to it. Reading here does not change it, and messages
 * that arrive later do not belong to it. Writing an answer ends it.
 */
export function useUnreadLine(
  info: ConversationSummary,
  items: readonly TimelineItem[],
): UnreadRange | null {
  const connection = useReadable(useClient().connection);
  const attentive = useAttention();
  const settled = attentive && connection.status === 'online' && connection.synced;
  const fromHere = { after: info.readSeq, upTo: info.lastSeq };
  const [line, setLine] = useState<UnreadLine>({ unread: fromHere, settled, attentive });
  const { unread } = line;
  const after = Math.max(unread.after, info.storedReadSeq);
  if (line.attentive && !attentive) {
    setLine({ unread: fromHere, settled: false, attentive });
  } else if (
    !line.settled &&
    (unread.after !== after ||
      unread.upTo !== info.lastSeq ||
      settled ||
      attentive !== line.attentive)
  ) {
    setLine({ unread: { after, upTo: info.lastSeq }, settled, attentive });
  }
  return useMemo(() => unanswered(unread, items), [unread, items]);
}

/**
 * The part of a range that comes after the last message of this user, or `null` if nothing does. While the missed messages
 * are not known yet, the range grows over answers that are written meanwhile, here or on another device.
 */
export function unanswered(
  { after, upTo }: UnreadRange,
  items: readonly TimelineItem[],
): UnreadRange | null {
  const last = items.findLast((item) => item.kind === 'message' && item.own);
  // A message that has no `seq` yet comes after all others.
  const answered = last === undefined ? 0 : (last.seq ?? Infinity);
  const from = Math.max(after, answered);
  return upTo > from ? { after: from, upTo } : null;
}
