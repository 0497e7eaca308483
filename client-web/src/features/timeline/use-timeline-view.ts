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

/** Milliseconds that a message which was jumped to stands out. */
const FLASH = 1_500;

export interface TimelineViewOptions {
  readonly handle: ConversationHandle;
  readonly snapshot: TimelineSnapshot;
  readonly info: ConversationSummary;
}

/** The rows, where the reader is among them, and how to get elsewhere. */
export interface TimelineView {
  /** What is drawn: the timeline, or nothing while its first page is on its way. */
  readonly snapshot: TimelineSnapshot;
  readonly rows: readonly Row[];
  readonly scroll: TimelineScroll;
  /** The day that stays at the top. */
  readonly day: StickyDay;
  /** Key of the row that stands out for a moment. */
  readonly flash: string | null;
  readonly jumpToNewest: () => void;
  /** Shows the message with this `seq`, loading it where needed. */
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

/** The ways to go elsewhere. One that first has to load goes on when the rows are there. */
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
