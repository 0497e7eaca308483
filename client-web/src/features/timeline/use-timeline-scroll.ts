import type { ConversationHandle, TimelineSnapshot } from '@parley/client-common';
import { type ReactVirtualizer, useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';

import type { Row } from './build-rows.ts';
import { estimateHeight } from './estimate-height.ts';
import { seqOf, seqsBetween } from './position.ts';

/** Distance from the end, in pixels, within which the reader counts as being at the end. */
const NEAR_END = 48;
/** Distance from the first or last loaded row, in rows, at which the next page is requested. */
const NEAR_EDGE = 20;
/** An offset beyond any end: the browser stops at the last row. */
const BOTTOM = 1e9;

export interface TimelineScrollOptions {
  readonly handle: ConversationHandle;
  readonly snapshot: TimelineSnapshot;
  readonly rows: readonly Row[];
}

/** The reader's position and the ways to scroll elsewhere. */
export interface TimelineScroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly virtualizer: ReactVirtualizer<HTMLDivElement, HTMLDivElement>;
  /** Whether the newest message is on the screen. */
  readonly atEnd: boolean;
  /** The highest `seq` that was on the screen since the conversation was opened. */
  readonly seenSeq: number;
  readonly toEnd: () => void;
  /** Centres the row with this `seq`; returns `false` if it is not in memory. */
  readonly toSeq: (seq: number) => boolean;
}

/** Windows the rows, keeps the reader's position, and loads pages near the edges. */
export function useTimelineScroll(options: TimelineScrollOptions): TimelineScroll {
  const { rows } = options;
  const scroller = useRef<HTMLDivElement>(null);
  const stays = useRef(true);
  const [gap, setGap] = useState(0);
  const virtualizer = useRowVirtualizer({ ...options, gap }, scroller);
  const reading = useReading(options, { scroller, virtualizer, stays, gap, setGap });

  const toEnd = useCallback(() => virtualizer.scrollToEnd(), [virtualizer]);
  const toSeq = useCallback(
    (seq: number) => {
      const index = rows.findIndex((row) => seqOf(row) === seq);
      if (index >= 0) virtualizer.scrollToIndex(index, { align: 'center' });
      return index >= 0;
    },
    [rows, virtualizer],
  );
  useOpenAtUnread({ rows, scroller, virtualizer, stays });
  return { scroller, virtualizer, ...reading, toEnd, toSeq };
}

interface ReadingParts extends Pick<TimelineScroll, 'scroller' | 'virtualizer'> {
  /** Whether the list stays scrolled to the end when rows are added. */
  readonly stays: RefObject<boolean>;
  readonly gap: number;
  readonly setGap: (gap: number) => void;
}

/** Tracks the visible range: stays at the end and loads pages near the edges. */
function useReading(
  { handle, snapshot, rows }: TimelineScrollOptions,
  { scroller, virtualizer, stays, gap, setGap }: ReadingParts,
): Pick<TimelineScroll, 'atEnd' | 'seenSeq'> {
  const [atEnd, setAtEnd] = useState(true);
  const [seenSeq, setSeenSeq] = useState(0);
  const before = useRef({ height: 0, count: 0 });

  const look = useCallback(() => {
    const range = virtualizer.range;
    if (range === null || rows.length === 0) return;
    // As it is laid out now: the virtualizer learns of a new size after this has run.
    const now = { height: scroller.current?.clientHeight ?? 0, count: rows.length };
    const { height, count } = before.current;
    const resized = height !== 0 && height !== now.height;
    before.current = now;
    setGap(Math.max(0, now.height - (virtualizer.getTotalSize() - gap)));
    // A resized window or composer does not mean that the reader left the end, and
    // neither do messages that arrive before an own message that is still being sent.
    const kept = stays.current && (resized || count !== now.count);
    if (kept) virtualizer.scrollToEnd();

    const end = !snapshot.hasNewer && (kept || virtualizer.getDistanceFromEnd() <= NEAR_END);
    stays.current = end;
    setAtEnd(end);
    const { first, last } = seqsBetween(rows, range.startIndex, range.endIndex);
    setSeenSeq((seen) => Math.max(seen, end ? snapshot.lastSeq : last));
    if (first > 0) handle.setView(first, last);
    loadNearEdges(handle, snapshot, { ...range, count: rows.length });
  }, [handle, snapshot, rows, scroller, virtualizer, stays, gap, setGap]);
  useLook(scroller, look);
  return { atEnd, seenSeq };
}

interface RowVirtualizerOptions extends TimelineScrollOptions {
  /** Space above the first row, in pixels: a short conversation is aligned to the bottom. */
  readonly gap: number;
}

function useRowVirtualizer(
  { snapshot, rows, gap }: RowVirtualizerOptions,
  scroller: RefObject<HTMLDivElement | null>,
) {
  // Do not scroll to the end of a newly loaded newer page: the reader is at its beginning.
  const hadNewer = useRef(snapshot.hasNewer);
  const follow = !hadNewer.current && !snapshot.hasNewer;
  useLayoutEffect(() => {
    hadNewer.current = snapshot.hasNewer;
  }, [snapshot.hasNewer]);

  return useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) =>
      estimateHeight(rows[index], () => scroller.current?.clientWidth ?? 600),
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    overscan: 12,
    anchorTo: 'end',
    followOnAppend: follow,
    scrollEndThreshold: NEAR_END,
    scrollPaddingStart: 72,
    paddingStart: gap,
    paddingEnd: 10,
    initialOffset: BOTTOM,
  });
}

interface Reach {
  readonly startIndex: number;
  readonly endIndex: number;
  readonly count: number;
}

/** Requests the next page near an edge. After a failed load, only the user can retry. */
function loadNearEdges(handle: ConversationHandle, snapshot: TimelineSnapshot, reach: Reach) {
  if (snapshot.status !== 'ready' || snapshot.error !== null) return;
  if (reach.startIndex < NEAR_EDGE && snapshot.hasOlder && !snapshot.loadingOlder) {
    void handle.loadOlder().catch(() => undefined);
  }
  const below = reach.count - 1 - reach.endIndex;
  if (below < NEAR_EDGE && snapshot.hasNewer && !snapshot.loadingNewer) {
    void handle.loadNewer().catch(() => undefined);
  }
}

/** Updates the position after each render, scroll and resize. */
function useLook(scroller: RefObject<HTMLDivElement | null>, look: () => void) {
  useLayoutEffect(look);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [scroller, look]);
}

interface Opening extends Pick<TimelineScroll, 'scroller' | 'virtualizer'> {
  readonly rows: readonly Row[];
  /** Whether the list stays scrolled to the end when rows are added. */
  readonly stays: RefObject<boolean>;
}

/** Opens at the unread line, even if it becomes known later, until the reader scrolls. */
function useOpenAtUnread({ rows, scroller, virtualizer, stays }: Opening) {
  const moved = useRef(false);
  useLayoutEffect(() => {
    const element = scroller.current;
    const stop = () => {
      moved.current = true;
    };
    const kinds = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;
    for (const kind of kinds) element?.addEventListener(kind, stop, { passive: true });
    return () => {
      for (const kind of kinds) element?.removeEventListener(kind, stop);
    };
  }, [scroller]);

  const index = rows.findIndex(({ kind }) => kind === 'unread');
  const found = index >= 0;
  useLayoutEffect(() => {
    if (!found || moved.current) return;
    moved.current = true;
    stays.current = false;
    virtualizer.scrollToIndex(index, { align: 'start' });
    // Run only when the line appears: rows added above change its index but not its position.
  }, [found, virtualizer, stays]);
}
