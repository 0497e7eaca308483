import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';

import { dayText } from '../../ui/time-text.ts';
import type { DayRow, Row } from './build-rows.ts';
import type { TimelineScroll } from './use-timeline-scroll.ts';

/** How long the label stays after the last movement, in milliseconds. */
const STAYS = 1_000;
/** Height of the label including its margins, in pixels. */
const HEIGHT = 40;

export interface StickyDay {
  /** Ref of the element that moves. */
  readonly ref: RefObject<HTMLDivElement | null>;
  /** The separator whose text the label shows; `null` while nothing moves or the separator itself is at the top. */
  readonly row: DayRow | null;
}

/** Tracks the day of the topmost message and how far the next separator pushes the label up. */
export function useStickyDay(
  rows: readonly Row[],
  { scroller, virtualizer }: Pick<TimelineScroll, 'scroller' | 'virtualizer'>,
): StickyDay {
  const ref = useRef<HTMLDivElement>(null);
  const [row, setRow] = useState<DayRow | null>(null);

  const isMoving = useRef(false);

  const follow = useCallback(() => {
    const place = isMoving.current ? placeOf(rows, virtualizer) : NOWHERE;
    setRow(place.row);
    if (ref.current !== null) {
      ref.current.style.transform = `translateY(${String(place.shift)}px)`;
    }
  }, [rows, virtualizer]);

  useLayoutEffect(follow);
  useLayoutEffect(() => {
    const element = scroller.current;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const rest = () => {
      isMoving.current = false;
      follow();
    };
    const move = () => {
      isMoving.current = true;
      clearTimeout(timer);
      timer = setTimeout(rest, STAYS);
      follow();
    };
    element?.addEventListener('scroll', move, { passive: true });
    return () => {
      clearTimeout(timer);
      isMoving.current = false;
      element?.removeEventListener('scroll', move);
    };
  }, [scroller, follow]);
  return { ref, row };
}

export interface StickyDayLabelProps {
  readonly day: StickyDay;
  readonly today: number;
}

/**
 * The day of the topmost message, while the list is scrolled: at rest it would cover text. The next day pushes it out.
 * It repeats the separators in the log, so it is hidden from screen readers.
 */
export function StickyDayLabel({ day, today }: StickyDayLabelProps) {
  return (
    <div ref={day.ref} className="sticky-day" aria-hidden="true">
      {day.row !== null && (
        <span key={day.row.key} className="day-label">
          {dayText(day.row.at, today)}
        </span>
      )}
    </div>
  );
}

interface Place {
  readonly row: DayRow | null;
  /** How far the next separator pushes the label up, in pixels: 0 or negative. */
  readonly shift: number;
}

const NOWHERE: Place = { row: null, shift: 0 };

function placeOf(rows: readonly Row[], virtualizer: TimelineScroll['virtualizer']): Place {
  const { range } = virtualizer;
  const offset = virtualizer.scrollOffset ?? 0;
  if (range === null) return NOWHERE;
  const startOf = (index: number) => virtualizer.measurementsCache[index]?.start ?? 0;

  let own = range.startIndex;
  while (own > 0 && rows[own]?.kind !== 'day') own -= 1;
  const row = rows[own];
  if (row?.kind !== 'day' || startOf(own) >= offset) return NOWHERE;

  let next = range.startIndex + 1;
  while (next <= range.endIndex && rows[next]?.kind !== 'day') next += 1;
  const room = rows[next]?.kind === 'day' ? startOf(next) - offset : HEIGHT;
  return { row, shift: Math.round(Math.min(0, room - HEIGHT)) };
}
