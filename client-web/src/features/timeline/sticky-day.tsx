import { useLayoutEffect, useRef, useState } from 'react';

import { dayText } from '../../ui/time-text.ts';
import type { Row } from './build-rows.ts';
import type { TimelineScroll } from './use-timeline-scroll.ts';

/** Height of the label with the gaps around it, in pixels. */
const HEIGHT = 40;

export interface StickyDayProps {
  readonly rows: readonly Row[];
  readonly scroll: Pick<TimelineScroll, 'scroller' | 'virtualizer'>;
  readonly today: number;
}

/**
 * The day of the topmost message, which stays while scrolling and is pushed out by the next one.
 * It repeats the separators in the log, so it is hidden from screen readers.
 */
export function StickyDay({ rows, scroll, today }: StickyDayProps) {
  const { scroller, virtualizer } = scroll;
  const label = useRef<HTMLDivElement>(null);
  const [day, setDay] = useState<number | null>(null);

  useLayoutEffect(() => {
    const element = scroller.current;
    const follow = () => {
      const place = placeOf(rows, virtualizer, element?.scrollTop ?? 0);
      setDay(place.at);
      if (label.current !== null) {
        label.current.style.transform = `translateY(${String(place.shift)}px)`;
      }
    };
    follow();
    element?.addEventListener('scroll', follow, { passive: true });
    return () => element?.removeEventListener('scroll', follow);
  });

  return (
    <div ref={label} className="sticky-day" aria-hidden="true">
      {day !== null && <span className="day-label">{dayText(day, today)}</span>}
    </div>
  );
}

interface Place {
  /** A time of the day, or `null` while the separator itself stands there. */
  readonly at: number | null;
  /** How far the next separator pushes the label up, in pixels from 0 downwards. */
  readonly shift: number;
}

const NOWHERE: Place = { at: null, shift: 0 };

function placeOf(
  rows: readonly Row[],
  virtualizer: TimelineScroll['virtualizer'],
  offset: number,
): Place {
  const topmost = virtualizer.getVirtualItemForOffset(offset)?.index;
  if (topmost === undefined) return NOWHERE;
  const startOf = (index: number) => virtualizer.measurementsCache[index]?.start ?? 0;

  let own = topmost;
  while (own > 0 && rows[own]?.kind !== 'day') own -= 1;
  const row = rows[own];
  if (row?.kind !== 'day' || startOf(own) >= offset) return NOWHERE;

  const next = rows.findIndex(({ kind }, index) => index > topmost && kind === 'day');
  const room = next === -1 ? HEIGHT : startOf(next) - offset;
  return { at: row.at, shift: Math.round(Math.min(0, room - HEIGHT)) };
}
