import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect } from 'react';

import { texts } from '../../texts/index.ts';
import { isComposing, isEnter } from '../../ui/keys.ts';
import { filesIn, type FoundFiles } from '../attachments/files-in.ts';

export interface ComposerFieldProps {
  readonly fieldRef: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  /** Id of a note about the text. */
  readonly noteId: string | undefined;
  readonly onChange: (text: string) => void;
  /** Receives pasted files; `null` if files cannot be sent. */
  readonly onFiles: ((found: FoundFiles) => void) | null;
  /** Called on Esc; `null` if Esc is handled elsewhere. */
  readonly onEscape: (() => void) | null;
}

/** The text field of the composer. The send key submits the enclosing form. */
export function ComposerField({ fieldRef, text, noteId, ...rest }: ComposerFieldProps) {
  const { onChange, onFiles, onEscape } = rest;
  useGrowth(fieldRef, text);
  useFocusOnOpen(fieldRef);
  return (
    <textarea
      ref={fieldRef}
      className="composer-field scroll"
      rows={1}
      dir="auto"
      aria-label={texts.composer.message}
      aria-describedby={noteId}
      placeholder={texts.composer.placeholder}
      enterKeyHint="enter"
      value={text}
      onChange={(event) => onChange(event.target.value)}
      onPaste={(event) => {
        const { files, types } = event.clipboardData;
        // Office programs add a picture of the copied text; the user means the text.
        if (onFiles === null || files.length === 0 || types.includes('text/plain')) return;
        event.preventDefault();
        onFiles(filesIn(event.clipboardData));
      }}
      onKeyDown={(event) => {
        if (isComposing(event)) return;
        if (sends(event)) {
          event.preventDefault();
          event.currentTarget.form?.requestSubmit();
        } else if (event.key === 'Escape' && onEscape !== null) {
          event.stopPropagation();
          onEscape();
        }
      }}
    />
  );
}

/** Enter sends and Shift+Enter inserts a line break; on touch devices Enter inserts a line break. */
function sends(event: KeyboardEvent): boolean {
  if (!isEnter(event)) return false;
  if (event.ctrlKey || event.metaKey) return true;
  const touch = matchMedia('(hover: none) and (pointer: coarse)').matches;
  return touch ? event.shiftKey : !event.shiftKey;
}

/** Fits the field's height to its text in browsers without CSS `field-sizing`. */
function useGrowth(field: RefObject<HTMLTextAreaElement | null>, text: string) {
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null || CSS.supports('field-sizing', 'content')) return;
    element.style.height = 'auto';
    element.style.height = `${String(element.scrollHeight + 2)}px`;
  }, [field, text]);
}

/** Focuses the field unless that would open an on-screen keyboard. */
function useFocusOnOpen(field: RefObject<HTMLTextAreaElement | null>) {
  useEffect(() => {
    if (matchMedia('(hover: hover)').matches) field.current?.focus({ preventScroll: true });
  }, [field]);
}
