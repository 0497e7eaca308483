import { useEffect } from 'react';

import { mayTakeFocus, messageField } from './ui/message-field.ts';

const FOCUSABLE = ':is(input, textarea, button, a[href], [tabindex]):not(:disabled, [hidden])';
/** Frames that a view has to place the focus itself after it removed the element that had it. */
const FRAMES = 4;

/**
 * When the focused element is removed, or hidden as the window changes its size, the browser leaves the focus nowhere,
 * and keys do nothing. This moves it to the message field if the element belonged to a conversation that is still shown,
 * otherwise to the nearest element that remains.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    /** The element that had the focus last, and what it was in, from the inside out. */
    let path: readonly Element[] = [];
    let frame = 0;
    const remember = ({ target }: FocusEvent) => {
      path = target instanceof Element ? pathOf(target) : [];
    };
    const isLost = () => {
      const { activeElement } = document;
      // A hidden element keeps the focus until the browser has drawn the page.
      const isNowhere =
        activeElement === document.body || activeElement?.checkVisibility() === false;
      return isNowhere && path[0]?.checkVisibility() === false;
    };
    const moveSoon = () => {
      cancelAnimationFrame(frame);
      frame = afterFrames(
        FRAMES,
        (last) => (frame = last),
        () => {
          if (isLost()) keeperOf(path)?.focus({ preventScroll: true });
        },
      );
    };
    const look = () => {
      if (document.activeElement === document.body && path[0]?.isConnected === false) moveSoon();
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { childList: true, subtree: true });
    document.addEventListener('focusin', remember);
    window.addEventListener('resize', moveSoon);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
      document.removeEventListener('focusin', remember);
      window.removeEventListener('resize', moveSoon);
    };
  }, []);
}

function pathOf(element: Element): readonly Element[] {
  const path: Element[] = [];
  for (let each: Element | null = element; each !== null; each = each.parentElement)
    path.push(each);
  return path;
}

/** Calls `task` after some frames; `started` gets the handle of each. */
function afterFrames(count: number, started: (frame: number) => void, task: () => void): number {
  return requestAnimationFrame(() => {
    if (count > 1) started(afterFrames(count - 1, started, task));
    else task();
  });
}

/** The element that gets the focus of one that is gone. */
function keeperOf(path: readonly Element[]): HTMLElement | null {
  const remaining = path.filter((each) => each.checkVisibility());
  if (remaining.some((each) => each.matches('.pane-main'))) {
    const field = messageField();
    // There is none once the user is no longer a member.
    if (field !== null) return field;
  }
  for (const each of remaining) {
    const found = [...each.querySelectorAll<HTMLElement>(FOCUSABLE)].find(mayTakeFocus);
    if (found !== undefined) return found;
  }
  return null;
}
