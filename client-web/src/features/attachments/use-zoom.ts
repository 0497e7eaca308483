import { type PointerEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react';

const LARGEST = 6;
const STEP = 1.4;

/** The transform of a picture: offset from the centre in pixels, and scale. */
export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

const WHOLE: View = { scale: 1, x: 0, y: 0 };

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Zooms by wheel, pinch, double click and buttons; pans what is larger than the screen. */
export interface Zoom {
  readonly view: View;
  readonly step: (direction: 1 | -1) => void;
  readonly reset: () => void;
  readonly toggle: () => void;
  readonly pointers: {
    readonly onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerUp: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerCancel: (event: PointerEvent<HTMLElement>) => void;
  };
}

export function useZoom(stage: RefObject<HTMLElement | null>): Zoom {
  const [view, setView] = useState(WHOLE);
  const points = useRef(new Map<number, Point>());
  const by = useCallback((factor: number, move: Point = { x: 0, y: 0 }) => {
    setView(({ scale, x, y }) => {
      const next = Math.min(LARGEST, Math.max(1, scale * factor));
      return next === 1 ? WHOLE : { scale: next, x: x + move.x, y: y + move.y };
    });
  }, []);

  useEffect(() => {
    const element = stage.current;
    // React registers passive wheel listeners, which cannot stop the page behind from zooming.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      by(Math.exp(-event.deltaY / 300));
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, [stage, by]);

  const move = (event: PointerEvent<HTMLElement>) => {
    const before = points.current.get(event.pointerId);
    if (before === undefined) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...points.current].find(([id]) => id !== event.pointerId)?.[1];
    points.current.set(event.pointerId, now);
    const shift = { x: now.x - before.x, y: now.y - before.y };
    if (other === undefined) by(1, shift);
    else by(distance(now, other) / Math.max(1, distance(before, other)));
  };
  const lift = (event: PointerEvent<HTMLElement>) => void points.current.delete(event.pointerId);
  return {
    view,
    step: (direction) => by(direction === 1 ? STEP : 1 / STEP),
    reset: () => setView(WHOLE),
    toggle: () => setView(({ scale }) => (scale > 1 ? WHOLE : { ...WHOLE, scale: 2.5 })),
    pointers: {
      onPointerDown: (event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        points.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
      },
      onPointerMove: move,
      onPointerUp: lift,
      onPointerCancel: lift,
    },
  };
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
