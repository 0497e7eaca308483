import { useEffect } from 'react';

import { mayTakeFocus, messageField } from './ui/message-field.ts';

const FOCUSABLE = ':is(input, textarea, button, a[href], [tabindex]):not(:disabled, [hidden])';
/** Frames that a view has to place the focus itself after it removed the element that had it. */
const FRAMES = 4;

/**
 * When the focused element is removed, the browser leaves the focus nowhere, and keys do nothing. This moves it to
 * the message field if the element belonged to a conversation, otherwise to the nearest element that remains.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    /** The element that had the focus last, and what it was in, from the inside out. */
    let path: readonly Element[] = [];
    let frame = 0;
    const remember = ({ target }: FocusEvent) => {
      path = target instanceof Element ? pathOf(target) : [];
    };
    const look = () => {
      if (document.activeElement !== document.body || path[0]?.isConnected !== false) return;
      cancelAnimationFrame(frame);
      frame = afterFrames(
        FRAMES,
        (last) => (frame = last),
        () => {
          if (document.activeElement === document.body)
            keeperOf(path)?.focus({ preventScroll: true });
        },
      );
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { childList: true, subtree: true });
    document.addEventListener('focusin', remember);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
      document.removeEventListener('focusin', remember);
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

/** The element that gets the focus of a removed one. */
function keeperOf(path: readonly Element[]): HTMLElement | null {
  const remaining = path.filter(({ isConnected }) => isConnected);
  if (remaining.some((each) => each.matches('.pane-main'))) return messageField();
  for (const each of remaining) {
    const found = [...each.querySelectorAll<HTMLElement>(FOCUSABLE)].find(mayTakeFocus);
    if (found !== undefined) return found;
  }
  return null;
}
