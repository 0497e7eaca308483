import { type MouseEvent, type PointerEvent, useEffect, useRef } from 'react';

/** How long a finger has to rest, in milliseconds, and how far it may move meanwhile, in pixels. */
const REST = 500;
const SLACK = 10;

interface Press {
  readonly x: number;
  readonly y: number;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The handlers of an element that a long press acts on. */
export interface LongPress {
  readonly onPointerDown: (event: PointerEvent<HTMLElement>) => void;
  readonly onPointerMove: (event: PointerEvent<HTMLElement>) => void;
  readonly onPointerUp: () => void;
  readonly onPointerCancel: () => void;
  /** Capture: what is inside the element gets no click from the finger that opened the menu. */
  readonly onClickCapture: (event: MouseEvent<HTMLElement>) => void;
  readonly onContextMenu: (event: MouseEvent<HTMLElement>) => void;
}

/**
 * Calls `open` after a long press with a finger, a right click, and the menu key, which browsers report as
 * `contextmenu`. Some browsers report a long press so, too; it counts once. `open` answers whether it did something.
 */
export function useLongPress(
  open: (element: HTMLElement, target: EventTarget) => boolean,
): LongPress {
  const press = useRef<Press | null>(null);
  /** Whether the finger that is down, or was last, has opened the menu. */
  const opened = useRef(false);
  const cancel = () => {
    if (press.current !== null) clearTimeout(press.current.timer);
    press.current = null;
  };
  useEffect(() => () => clearTimeout(press.current?.timer), []);
  return {
    onPointerDown: ({ currentTarget, target, pointerType, isPrimary, clientX, clientY }) => {
      cancel();
      opened.current = false;
      if (pointerType === 'mouse' || !isPrimary) return;
      const timer = setTimeout(() => {
        press.current = null;
        opened.current = open(currentTarget, target);
      }, REST);
      press.current = { x: clientX, y: clientY, timer };
    },
    onPointerMove: ({ clientX, clientY }) => {
      const at = press.current;
      if (at !== null && Math.hypot(clientX - at.x, clientY - at.y) > SLACK) cancel();
    },
    onPointerUp: cancel,
    onPointerCancel: cancel,
    onClickCapture: (event) => {
      if (!opened.current) return;
      opened.current = false;
      event.preventDefault();
      event.stopPropagation();
    },
    onContextMenu: (event) => {
      cancel();
      if (opened.current || open(event.currentTarget, event.target)) event.preventDefault();
    },
  };
}

/** Whether a key opens the menu of the focused element. */
export function isMenuKey({ key, shiftKey }: { readonly key: string; readonly shiftKey: boolean }) {
  return key === 'ContextMenu' || (key === 'F10' && shiftKey);
}
