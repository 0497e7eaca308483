import { type KeyboardEvent, useEffect, useRef, useState } from 'react';

import { isMenuKey } from '../../ui/use-long-press.ts';
import type { Row } from './build-rows.ts';
import type { TimelineScroll } from './use-timeline-scroll.ts';

export interface MessageFocus {
  /** Key of the message that has the keyboard focus. */
  readonly active: string | null;
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
}

/** Up, Down, Home and End move between messages; Enter and the menu key open the message's actions. */
export function useMessageFocus(rows: readonly Row[], scroll: TimelineScroll): MessageFocus {
  const [active, setActive] = useState<string | null>(null);
  const wanted = useRef<string | null>(null);

  useEffect(() => {
    if (wanted.current === null) return;
    const element = find(scroll.scroller.current, wanted.current);
    if (element === null) return;
    wanted.current = null;
    element.focus({ preventScroll: true });
  });

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = event.target as HTMLElement;
    const key = target.dataset['message'] ?? null;
    if (key === null && target !== event.currentTarget) return;
    if (key !== null && (event.key === 'Enter' || isMenuKey(event))) {
      event.preventDefault();
      target.querySelector<HTMLElement>('.bubble-menu')?.click();
      return;
    }
    const next = goalOf(event.key, rows, key);
    if (next === null) return;
    const row = rows[next];
    if (row === undefined) return;
    event.preventDefault();
    wanted.current = row.key;
    setActive(row.key);
    scroll.virtualizer.scrollToIndex(next, { align: 'auto' });
    // The message that was active before is rendered already, and nothing renders it again.
    if (row.key === active) find(scroll.scroller.current, row.key)?.focus({ preventScroll: true });
  };
  return { active, onKeyDown };
}

/** Index of the message to which a key leads; `null` for other keys. */
function goalOf(pressed: string, rows: readonly Row[], key: string | null): number | null {
  switch (pressed) {
    case 'ArrowUp':
      return neighbour(rows, key, -1);
    case 'ArrowDown':
      return neighbour(rows, key, 1);
    case 'Home':
      return rows.findIndex(({ kind }) => kind === 'message');
    case 'End':
      return rows.findLastIndex(({ kind }) => kind === 'message');
    default:
      return null;
  }
}

/** Index of the message before or after the one with `key`; without a key, of the last message. */
function neighbour(rows: readonly Row[], key: string | null, step: -1 | 1): number {
  if (key === null) return rows.findLastIndex(({ kind }) => kind === 'message');
  let index = rows.findIndex((row) => row.key === key) + step;
  while (rows[index] !== undefined && rows[index]?.kind !== 'message') index += step;
  return index;
}

function find(list: HTMLElement | null, key: string): HTMLElement | null {
  return list?.querySelector<HTMLElement>(`[data-message="${CSS.escape(key)}"]`) ?? null;
}
