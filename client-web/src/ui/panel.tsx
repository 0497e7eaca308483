import { ArrowLeft } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';

import { useNavigation } from '../services.ts';
import { texts } from '../texts/index.ts';
import { IconButton } from './button.tsx';
import { ConfirmDiscard } from './dialog.tsx';
import { useLeaveQuestion } from './use-leave-question.ts';

export interface PanelProps {
  readonly title: string;
  readonly onBack: () => void;
  readonly children: ReactNode;
  /** Whether leaving asks first, because a form is half filled. */
  readonly asks?: boolean;
}

/** A page in the first column with a title and a back button. It takes the focus when it opens. */
export function Panel({ title, onBack, children, asks = false }: PanelProps) {
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
      <LeaveGuard asks={asks} />
    </>
  );
}

/**
 * While `asks` is set, leaving the panel or the page asks first. If the form is saved meanwhile, nothing can be lost any
 * more: the question closes, and the panel is left.
 */
function LeaveGuard({ asks }: { readonly asks: boolean }) {
  const navigation = useNavigation();
  const [leave, setLeave] = useState<(() => void) | null>(null);
  useEffect(() => {
    if (asks) return navigation.guardPanel((go) => setLeave(() => go));
    if (leave === null) return;
    setLeave(null);
    leave();
  }, [asks, leave, navigation]);
  useLeaveQuestion(asks);
  if (leave === null || !asks) return null;
  return <ConfirmDiscard onConfirm={leave} onClose={() => setLeave(null)} />;
}
