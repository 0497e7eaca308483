import { ArrowLeft } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';

import { texts } from '../texts/index.ts';
import { IconButton } from './button.tsx';

export interface PanelProps {
  readonly title: string;
  readonly onBack: () => void;
  readonly children: ReactNode;
}

/** A page in the first column with a title and a back button. It takes the focus when it opens. */
export function Panel({ title, onBack, children }: PanelProps) {
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // Keep the focus on a field that requested it itself.
    if (document.activeElement === document.body) back.current?.focus({ preventScroll: true });
  }, []);
  return (
    <>
      <header className="pane-head">
        <IconButton ref={back} label={texts.common.back} onClick={onBack}>
          <ArrowLeft className="icon-mirror" size={22} aria-hidden />
        </IconButton>
        <h2 className="pane-title">{title}</h2>
      </header>
      {children}
    </>
  );
}
