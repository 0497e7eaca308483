import type { KeyboardEvent } from 'react';

import { isMenuKey, useLongPress } from './use-long-press.ts';

/**
 * For a row with the button of a menu: opens that menu after a long press and a right click anywhere on the row, and
 * with the menu key.
 */
export function useRowMenu() {
  const press = useLongPress(openMenu);
  return {
    ...press,
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      if (!isMenuKey(event)) return;
      event.preventDefault();
      openMenu(event.currentTarget, event.target);
    },
  };
}

function openMenu(row: HTMLElement, target: EventTarget): boolean {
  // What is over the page, such as a question that the menu has opened, is a child of the row, too.
  if (target instanceof Element && target.closest('dialog, [popover]') !== null) return false;
  const button = row.querySelector<HTMLElement>('[aria-haspopup="menu"]');
  if (button === null) return false;
  // Windows reports the menu key a second time, when it is released.
  if (button.ariaExpanded !== 'true') button.click();
  return true;
}
