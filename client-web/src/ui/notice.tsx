import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react';

import { errorText } from './error-text.ts';

/** Milliseconds a notice stays. */
const STAYS = 5_000;

/** Says things that belong to no place on the screen. */
export interface Notices {
  /** Shows a sentence for some seconds and reads it out. */
  readonly say: (text: string) => void;
  /** Waits for something that was begun and says why when it fails. */
  readonly attempt: (task: Promise<unknown>) => void;
}

const NoticeContext = createContext<Notices | null>(null);

export function useNotice(): Notices {
  const notices = use(NoticeContext);
  if (notices === null) throw new Error('No NoticeProvider around this component');
  return notices;
}

/** Holds the one notice that is shown at a time. */
export function NoticeProvider({ children }: { readonly children: ReactNode }) {
  const [notice, setNotice] = useState<{ readonly text: string } | null>(null);
  const notices = useMemo<Notices>(() => {
    const say = (text: string) => setNotice({ text });
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
        {notice !== null && <p className="notice">{notice.text}</p>}
      </div>
    </NoticeContext>
  );
}
