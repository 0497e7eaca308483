import { texts } from '../texts/index.ts';
import { useNotice } from './notice.tsx';

/** Returns a function that copies a text and says whether it could. */
export function useCopy(done: string = texts.timeline.copied): (text: string) => void {
  const { say } = useNotice();
  return (text) => {
    copyText(text).then(
      () => say(done),
      () => say(texts.common.notCopied),
    );
  };
}

/** Copies a text. Pages on plain http have no `navigator.clipboard`; there, a selected field is copied. */
async function copyText(text: string): Promise<void> {
  // The types say that it is always there.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  try {
    if (clipboard !== undefined) {
      await clipboard.writeText(text);
      return;
    }
  } catch {
    // Forbidden: the old way may still work.
  }
  if (!copySelected(text)) throw new Error('The browser does not copy');
}

function copySelected(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  field.className = 'visually-hidden';
  // Inside an open dialog: what is outside takes no focus.
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.select();
  // Deprecated, but the only way on plain http.
  // oxlint-disable-next-line typescript/no-deprecated
  const isDone = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  return isDone;
}
