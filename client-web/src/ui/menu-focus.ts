import { type RefObject, useEffect, useEffectEvent } from 'react';

/**
 * Calls `onPress` when something outside the menu is pressed. The popover is not left to do this: it would also close
 * when the finger that opened it is lifted.
 */
export function useOutsidePress(
  list: RefObject<HTMLDivElement | null>,
  anchor: RefObject<HTMLButtonElement | null>,
  onPress: () => void,
) {
  const press = useEffectEvent(onPress);
  useEffect(() => {
    const look = ({ target, pointerType }: PointerEvent) => {
      const isInside = target instanceof Node && list.current?.contains(target) === true;
      // The button closes the menu by itself.
      const isButton = target instanceof Node && anchor.current?.contains(target) === true;
      if (isInside || isButton) return;
      // A touch that closes the menu does nothing else, whatever is under it.
      if (pointerType === 'touch') ignoreNextClick();
      press();
    };
    document.addEventListener('pointerdown', look, true);
    return () => document.removeEventListener('pointerdown', look, true);
  }, [list, anchor]);
}

/**
 * Handles keys that are pressed while the focus is outside the menu. The focus leaves the menu when the finger that
 * opened it is lifted, and the device may have a keyboard all the same.
 */
export function useOutsideKeys(list: RefObject<HTMLDivElement | null>, onClose: () => void) {
  const close = useEffectEvent(onClose);
  useEffect(() => {
    const look = (event: KeyboardEvent) => {
      const { current: menu } = list;
      if (menu === null || (event.target instanceof Node && menu.contains(event.target))) return;
      if (!isClosingKey(event)) moveFocus(event, menu);
      else {
        event.preventDefault();
        close();
      }
      if (event.defaultPrevented) event.stopPropagation();
    };
    document.addEventListener('keydown', look, true);
    return () => document.removeEventListener('keydown', look, true);
  }, [list]);
}

/** Whether a key closes a menu. */
export function isClosingKey({ key }: { readonly key: string }): boolean {
  return key === 'Escape' || key === 'Tab';
}

/** Ignores the click of the press that has just begun, if one follows. */
function ignoreNextClick(): void {
  const over = new AbortController();
  const options = { capture: true, signal: over.signal };
  const ignore = (event: Event) => {
    // A long press elsewhere opens another menu with a synthetic click.
    if (!event.isTrusted) return;
    event.preventDefault();
    event.stopPropagation();
    over.abort();
  };
  document.addEventListener('click', ignore, options);
  document.addEventListener('pointerdown', () => over.abort(), options);
}

/** Moves the focus among the menu items with the arrow keys, Home and End. */
export function moveFocus(event: Pick<KeyboardEvent, 'key' | 'preventDefault'>, menu: HTMLElement) {
  const items = [...menu.querySelectorAll<HTMLElement>('[role=menuitem]')];
  const now = items.findIndex((item) => item === document.activeElement);
  const next = {
    ArrowDown: (now + 1) % items.length,
    ArrowUp: (Math.max(now, 0) - 1 + items.length) % items.length,
    Home: 0,
    End: items.length - 1,
  }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  items[next]?.focus();
}
