import type { KeyboardEvent, RefObject } from 'react';

export interface MoveAmongOptions {
  /** Selector of the elements among which the keys move. */
  readonly items: string;
  /** The field above the list, to which the arrow key leads from the first element. */
  readonly before?: RefObject<HTMLElement | null>;
}

/** Moves the focus among the elements of a list with the arrow keys, Home and End. */
export function moveAmong(event: KeyboardEvent<HTMLElement>, options: MoveAmongOptions): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>(options.items)];
  const now = items.findIndex((item) => item === document.activeElement);
  if (now === -1) return;
  const before = options.before?.current;
  const next = {
    ArrowDown: items[now + 1] ?? items[now],
    ArrowUp: items[now - 1] ?? before ?? items[now],
    Home: items[0],
    End: items.at(-1),
  }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
