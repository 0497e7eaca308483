import { ArrowLeft } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';

import { texts } from '../texts/index.ts';
import { IconButton } from './button.tsx';

export interface PanelProps {
  readonly title: string;
  readonly onBack: () => void;
  readonly children: ReactNode;
}

/** A page in the first column: a title, a way back, and the focus on arrival. */
export function Panel({ title, onBack, children }: PanelProps) {
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // A field that asks for the focus itself keeps it.
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
