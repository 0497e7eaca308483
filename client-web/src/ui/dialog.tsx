import { X } from 'lucide-react';
import {
  type ReactNode,
  type RefObject,
  useEffect,
  useEffectEvent,
  useId,
  useRef,
  useState,
} from 'react';

import { useNavigation } from '../services.ts';
import { texts } from '../texts/index.ts';
import { Button, IconButton } from './button.tsx';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  /** Whether closing asks first, because something is written in the dialog. */
  readonly asks?: boolean;
}

/**
 * A modal dialog. Esc, Back, the backdrop and the close button close it and restore the previous focus.
 * Focus starts at the element with `data-autofocus`: React applies `autoFocus` before the dialog opens.
 */
export function Dialog({ title, onClose, children, footer, asks = false }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  const [asking, setAsking] = useState(false);
  const close = () => {
    if (asks) setAsking(true);
    else onClose();
    return !asks;
  };
  useModal(ref, close);
  return (
    <dialog
      ref={ref}
      className="dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        // A file picker that is closed without a choice fires one too, at its input.
        if (event.target !== ref.current) return;
        event.preventDefault();
        close();
      }}
      onKeyDown={(event) => event.stopPropagation()}
      onClick={(event) => {
        if (event.target === ref.current) close();
      }}
    >
      <div className="dialog-body">
        <header className="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <IconButton label={texts.common.close} onClick={close}>
            <X size={20} aria-hidden />
          </IconButton>
        </header>
        <div className="dialog-content scroll">{children}</div>
        {footer !== undefined && <footer className="dialog-foot">{footer}</footer>}
      </div>
      {asking && <ConfirmDiscard onConfirm={onClose} onClose={() => setAsking(false)} />}
    </dialog>
  );
}

/**
 * Opens the element as a modal dialog and restores the focus when it is unmounted. The dialog has a step in the history:
 * Back calls `onBack`, which closes it or answers `false`.
 */
export function useModal(ref: RefObject<HTMLDialogElement | null>, onBack: () => boolean) {
  const navigation = useNavigation();
  const back = useEffectEvent(onBack);
  useEffect(() => navigation.openLayer(() => back()), [navigation]);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [ref]);
}

export interface ConfirmProps {
  readonly title: string;
  readonly message: string;
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks for confirmation of an action that cannot be undone. */
export function Confirm({ title, message, action, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose} data-autofocus>
            {texts.common.cancel}
          </Button>
          <Button
            variant="danger"
            onClick={() => {
              onClose();
              onConfirm();
            }}
          >
            {action}
          </Button>
        </>
      }
    >
      <p>{message}</p>
    </Dialog>
  );
}

/** Asks whether what is written may be thrown away. */
export function ConfirmDiscard(props: Pick<ConfirmProps, 'onConfirm' | 'onClose'>) {
  return (
    <Confirm
      title={texts.common.discardTitle}
      message={texts.common.discardMessage}
      action={texts.common.discardAction}
      {...props}
    />
  );
}
