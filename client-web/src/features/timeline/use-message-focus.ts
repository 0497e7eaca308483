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
  /** Key of the message that gets the focus when it is rendered. */
  const wanted = useRef<string | null>(null);

  const focusWanted = () => {
    const { current: list } = scroll.scroller;
    if (wanted.current === null || list === null) return;
    // Between the key press and the rendering, the user may have gone elsewhere.
    if (isElsewhere(list)) wanted.current = null;
    const element = wanted.current === null ? null : find(list, wanted.current);
    if (element === null) return;
    wanted.current = null;
    element.focus({ preventScroll: true });
  };

  useEffect(focusWanted);

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
    if (row.key === active) focusWanted();
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

function find(list: HTMLElement, key: string): HTMLElement | null {
  return list.querySelector<HTMLElement>(`[data-message="${CSS.escape(key)}"]`);
}

/** Whether an element outside the list has the focus. A focused message that is no longer rendered leaves it to the body. */
function isElsewhere(list: HTMLElement): boolean {
  const { activeElement, body } = document;
  return activeElement !== null && activeElement !== body && !list.contains(activeElement);
}
