import type {
  ConversationHandle,
  ConversationSummary,
  TimelineSnapshot,
} from '@parley/client-common';
import { useCallback, useLayoutEffect, useRef, useState } from 'react';

import { texts } from '../../texts/index.ts';
import { useNotice } from '../../ui/notice.tsx';
import type { Row } from './build-rows.ts';
import { seqOf } from './position.ts';
import { type StickyDay, useStickyDay } from './sticky-day.tsx';
import { useFarUnread } from './use-far-unread.ts';
import { useRows } from './use-rows.ts';
import { type TimelineScroll, useTimelineScroll } from './use-timeline-scroll.ts';

/** How long a message is highlighted after a jump, in milliseconds. */
const FLASH = 1_500;

export interface TimelineViewOptions {
  readonly handle: ConversationHandle;
  readonly snapshot: TimelineSnapshot;
  readonly info: ConversationSummary;
}

/** The rows, the reader's position among them, and the ways to scroll elsewhere. */
export interface TimelineView {
  /** The timeline to render; empty while its first page is loading. */
  readonly snapshot: TimelineSnapshot;
  readonly rows: readonly Row[];
  readonly scroll: TimelineScroll;
  /** The day that stays at the top. */
  readonly day: StickyDay;
  /** Key of the row that is highlighted. */
  readonly flash: string | null;
  readonly jumpToNewest: () => void;
  /** Scrolls to the message with this `seq` and loads it if needed. */
  readonly show: (seq: number) => void;
}

const NOTHING_YET: TimelineSnapshot = {
  status: 'loading',
  items: [],
  hasOlder: false,
  hasNewer: false,
  loadingOlder: false,
  loadingNewer: false,
  firstSeq: 0,
  lastSeq: 0,
  newestSeq: 0,
  error: null,
};

type Goal = { readonly kind: 'end' } | { readonly kind: 'seq'; readonly seq: number };

export function useTimelineView(options: TimelineViewOptions): TimelineView {
  const { handle, info } = options;
  const snapshot = useFarUnread(options) ? NOTHING_YET : options.snapshot;
  const rows = useRows(snapshot, info);
  const scroll = useTimelineScroll({ handle, snapshot, rows });
  const day = useStickyDay(rows, scroll);
  const [flash, setFlash] = useFlash();
  const jumps = useJumps({ ...scroll, handle, rows, hasNewer: snapshot.hasNewer, setFlash });
  return { snapshot, rows, scroll, day, flash, ...jumps };
}

interface JumpParts extends Pick<TimelineScroll, 'toEnd' | 'toSeq'> {
  readonly handle: ConversationHandle;
  readonly rows: readonly Row[];
  readonly hasNewer: boolean;
  readonly setFlash: (key: string | null) => void;
}

/** The ways to scroll elsewhere. A jump that has to load rows first completes once they are there. */
function useJumps(parts: JumpParts): Pick<TimelineView, 'jumpToNewest' | 'show'> {
  const { handle, rows, hasNewer, toEnd, toSeq, setFlash } = parts;
  const { say, attempt } = useNotice();
  const goal = useRef<Goal | null>(null);

  useLayoutEffect(() => {
    const wanted = goal.current;
    if (wanted === null) return;
    if (wanted.kind === 'end' && !hasNewer) toEnd();
    else if (wanted.kind === 'end' || !toSeq(wanted.seq)) return;
    goal.current = null;
    if (wanted.kind === 'seq') setFlash(keyAt(rows, wanted.seq));
  }, [rows, hasNewer, toEnd, toSeq, setFlash]);

  const jumpToNewest = useCallback(() => {
    if (!hasNewer) {
      toEnd();
      return;
    }
    goal.current = { kind: 'end' };
    attempt(handle.jumpToNewest());
  }, [handle, hasNewer, toEnd, attempt]);

  const show = useCallback(
    (seq: number) => {
      if (toSeq(seq)) {
        setFlash(keyAt(rows, seq));
        return;
      }
      goal.current = { kind: 'seq', seq };
      handle.jumpTo(seq).catch(() => {
        goal.current = null;
        say(texts.timeline.replyGone);
      });
    },
    [handle, rows, toSeq, say, setFlash],
  );
  return { jumpToNewest, show };
}

const keyAt = (rows: readonly Row[], seq: number): string | null =>
  rows.find((row) => seqOf(row) === seq)?.key ?? null;

function useFlash(): readonly [string | null, (key: string | null) => void] {
  const [flash, setFlash] = useState<string | null>(null);
  useLayoutEffect(() => {
    if (flash === null) return;
    const timer = setTimeout(() => setFlash(null), FLASH);
    return () => clearTimeout(timer);
  }, [flash]);
  return [flash, setFlash];
}
