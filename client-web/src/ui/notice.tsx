import { createContext, type ReactNode, use, useEffect, useMemo, useRef, useState } from 'react';

import { errorText } from './error-text.ts';

/** How long a notice stays, in milliseconds. */
const STAYS = 5_000;

/** Shows messages that belong to no particular place on the screen. */
export interface Notices {
  /** Shows a sentence for a few seconds and announces it to screen readers. */
  readonly say: (text: string) => void;
  /** Waits for an operation and shows the reason if it fails. */
  readonly attempt: (task: Promise<unknown>) => void;
}

const NoticeContext = createContext<Notices | null>(null);

export function useNotice(): Notices {
  const notices = use(NoticeContext);
  if (notices === null) throw new Error('No NoticeProvider around this component');
  return notices;
}

/** Provides notices to its children and shows one at a time. */
export function NoticeProvider({ children }: { readonly children: ReactNode }) {
  const [notice, setNotice] = useState<{ readonly text: string; readonly number: number } | null>(
    null,
  );
  const notices = useMemo<Notices>(() => {
    const say = (text: string) => setNotice((last) => ({ text, number: (last?.number ?? 0) + 1 }));
    return { say, attempt: (task) => void task.catch((error: unknown) => say(errorText(error))) };
  }, []);

  useEffect(() => {
    if (notice === null) return;
    const timer = setTimeout(() => setNotice(null), STAYS);
    return () => clearTimeout(timer);
  }, [notice]);

  return (
    <NoticeContext value={notices}>
      {children}
      <div role="status" aria-live="polite">
        {notice !== null && <NoticeText key={notice.number} text={notice.text} />}
      </div>
    </NoticeContext>
  );
}

/** In the top layer: a dialog or the viewer that is open would hide it. */
function NoticeText({ text }: { readonly text: string }) {
  const ref = useRef<HTMLParagraphElement>(null);
  useEffect(() => ref.current?.showPopover(), []);
  return (
    <p ref={ref} className="notice" popover="manual">
      {text}
    </p>
  );
}
