import type { ConversationHandle, TimelineSnapshot } from '@parley/client-common';
import { type ReactVirtualizer, useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';

import type { Row } from './build-rows.ts';
import { estimateHeight } from './estimate-height.ts';
import { seqOf, seqsBetween } from './position.ts';

/** Pixels from the end within which the reader counts as being at the end. */
const NEAR_END = 48;
/** Rows from an edge of what is in memory at which the next page is asked for. */
const NEAR_EDGE = 20;
/** Far below any end: the browser stops at the last row. */
const BOTTOM = 1e9;

export interface TimelineScrollOptions {
  readonly handle: ConversationHandle;
  readonly snapshot: TimelineSnapshot;
  readonly rows: readonly Row[];
}

/** Where the reader is, and ways to go elsewhere. */
export interface TimelineScroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly virtualizer: ReactVirtualizer<HTMLDivElement, HTMLDivElement>;
  /** Whether the newest message is on the screen. */
  readonly atEnd: boolean;
  /** The newest `seq` that was on the screen since the conversation was opened. */
  readonly seenSeq: number;
  readonly toEnd: () => void;
  /** Puts the row with this `seq` into the middle; `false` when it is not in memory. */
  readonly toSeq: (seq: number) => boolean;
}

/** Windows the rows, keeps the reader's place, and loads what comes into reach. */
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
  /** Whether the end is kept in view when rows are added. */
  readonly stays: RefObject<boolean>;
  readonly gap: number;
  readonly setGap: (gap: number) => void;
}

/** Follows what the reader sees, and acts on it: stays at the end, loads near the edges. */
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
    const now = { height: virtualizer.scrollRect?.height ?? 0, count: rows.length };
    const { height, count } = before.current;
    const resized = height !== 0 && height !== now.height;
    before.current = now;
    setGap(Math.max(0, now.height - (virtualizer.getTotalSize() - gap)));
    // Another height of the window or the composer is not the reader going away from the end, and
    // neither are messages that come in over an own one which is still on its way.
    const kept = stays.current && (resized || count !== now.count);
    if (kept) virtualizer.scrollToEnd();

    const end = !snapshot.hasNewer && (kept || virtualizer.getDistanceFromEnd() <= NEAR_END);
    stays.current = end;
    setAtEnd(end);
    const { first, last } = seqsBetween(rows, range.startIndex, range.endIndex);
    setSeenSeq((seen) => Math.max(seen, end ? snapshot.lastSeq : last));
    if (first > 0) handle.setView(first, last);
    loadNearEdges(handle, snapshot, { ...range, count: rows.length });
  }, [handle, snapshot, rows, virtualizer, stays, gap, setGap]);
  useLook(scroller, look);
  return { atEnd, seenSeq };
}

interface RowVirtualizerOptions extends TimelineScrollOptions {
  /** Pixels over the first row: a short conversation stands at the bottom, where one writes. */
  readonly gap: number;
}

function useRowVirtualizer(
  { snapshot, rows, gap }: RowVirtualizerOptions,
  scroller: RefObject<HTMLDivElement | null>,
) {
  // A page of newer entries that comes in below is not followed: the reader is where it begins.
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

/** Asks for the next page where an edge comes near. A failed load is only tried again by the person. */
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

/** Looks where the reader is: after each render, each step of scrolling, each change of size. */
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
  /** Whether the end is kept in view when rows are added. */
  readonly stays: RefObject<boolean>;
}

/** Opens at the unread line, also when it becomes known a moment later, until the reader moves. */
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
    // Only when the line appears; later rows above it change its index but not its place.
  }, [found, virtualizer, stays]);
}
