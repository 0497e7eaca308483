import { createContext, type ReactNode, type RefObject, use, useRef, useState } from 'react';
import { flushSync } from 'react-dom';

import { texts } from '../../texts/index.ts';
import { isLong } from './is-long.ts';

/** The keys of the messages that the reader has unfolded: rows that leave the screen are forgotten. */
export const UnfoldedContext = createContext<Set<string>>(new Set());

export interface MessageFoldProps {
  /** The key of the message. */
  readonly id: string;
  readonly text: string;
  readonly children: ReactNode;
}

/** Shows the beginning of a long message and a button for the rest. Short messages are shown as they are. */
export function MessageFold({ id, text, children }: MessageFoldProps) {
  const unfolded = use(UnfoldedContext);
  const [open, setOpen] = useState(() => unfolded.has(id) || !isLong(text));
  const box = useRef<HTMLDivElement>(null);
  if (open) return children;
  const unfold = () => {
    unfolded.add(id);
    keepPlace(box, () => setOpen(true));
  };
  return (
    <>
      <div
        ref={box}
        className="message-fold"
        // A link in the hidden part gets the focus by Tab.
        onFocus={(event) => {
          if (event.target.matches(':focus-visible')) unfold();
        }}
      >
        {children}
      </div>
      <button type="button" className="link-button message-more" onClick={unfold}>
        {texts.timeline.readMore}
      </button>
    </>
  );
}

/** Frames within which the list measures the row and moves it. */
const FRAMES = 4;

/** Makes a change without moving the message on the screen, although the list keeps its end in place. */
function keepPlace(box: RefObject<HTMLElement | null>, change: () => void): void {
  const row = box.current?.closest<HTMLElement>('.message') ?? null;
  const scroller = row?.closest<HTMLElement>('.timeline-scroll') ?? null;
  const top = row?.getBoundingClientRect().top ?? 0;
  flushSync(change);
  if (row === null || scroller === null) return;
  row.focus({ preventScroll: true });
  const hold = (left: number) => {
    const moved = row.getBoundingClientRect().top - top;
    if (Math.abs(moved) > 0.5) scroller.scrollTop += moved;
    if (left > 0) requestAnimationFrame(() => hold(left - 1));
  };
  hold(FRAMES);
}
