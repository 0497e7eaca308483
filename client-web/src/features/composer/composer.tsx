import './composer.css';

import { codePoints, isVisible, LIMITS } from '@parley/common';
import type { ConversationHandle, MessageItem } from '@parley/client-common';
import { SendHorizontal } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect } from 'react';

import { texts } from '../../texts/index.ts';
import { errorText } from '../../ui/error-text.ts';
import { useNotice } from '../../ui/notice.tsx';
import { ReplyBar } from './reply-bar.tsx';
import { useDraft } from './use-draft.ts';

export interface ComposerProps {
  readonly handle: ConversationHandle;
  readonly fieldRef: RefObject<HTMLTextAreaElement | null>;
  /** The message that is replied to. */
  readonly replyTo: MessageItem | null;
  readonly replyName: string;
  readonly onCancelReply: () => void;
  /** A message was put on its way. */
  readonly onSent: () => void;
}

/** Where messages are written: grows to eight lines, keeps a draft, clears the moment it sends. */
export function Composer(props: ComposerProps) {
  const { handle, fieldRef, replyTo, onCancelReply, onSent } = props;
  const [text, setText] = useDraft(handle);
  const { say } = useNotice();
  const over = Math.max(0, codePoints(text) - LIMITS.textMax);
  useGrowth(fieldRef, text);
  useFocusOnOpen(fieldRef);
  useEffect(() => () => handle.setTyping(false), [handle]);

  const send = () => {
    if (!isVisible(text) || over > 0) return;
    try {
      handle.send(text.trim(), replyTo?.messageId == null ? {} : { replyTo: replyTo.messageId });
    } catch (error) {
      say(errorText(error));
      return;
    }
    setText('');
    onCancelReply();
    onSent();
    fieldRef.current?.focus();
  };

  return (
    <div className="composer">
      {replyTo !== null && (
        <ReplyBar item={replyTo} name={props.replyName} onCancel={onCancelReply} />
      )}
      <form
        className="composer-row"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <textarea
          ref={fieldRef}
          className="composer-field scroll"
          rows={1}
          dir="auto"
          aria-label={texts.composer.message}
          aria-describedby={over > 0 ? 'composer-over' : undefined}
          placeholder={texts.composer.placeholder}
          enterKeyHint="enter"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            handle.setTyping(event.target.value.trim() !== '');
          }}
          onKeyDown={(event) => {
            if (sends(event)) {
              event.preventDefault();
              send();
            } else if (event.key === 'Escape' && replyTo !== null) {
              event.stopPropagation();
              onCancelReply();
            }
          }}
        />
        <button
          type="submit"
          className="composer-send"
          aria-label={texts.composer.send}
          title={texts.composer.send}
          disabled={!isVisible(text) || over > 0}
          onPointerDown={(event) => event.preventDefault()}
        >
          <SendHorizontal className="icon-mirror" size={22} aria-hidden />
        </button>
      </form>
      {over > 0 && (
        <p id="composer-over" className="composer-over" role="alert">
          {texts.composer.tooLong(over)}
        </p>
      )}
    </div>
  );
}

/** Enter sends and Shift+Enter breaks the line; where fingers type, Enter breaks the line. */
function sends(event: KeyboardEvent): boolean {
  if (event.key !== 'Enter' || event.nativeEvent.isComposing) return false;
  if (event.ctrlKey || event.metaKey) return true;
  const touch = matchMedia('(hover: none) and (pointer: coarse)').matches;
  return touch ? event.shiftKey : !event.shiftKey;
}

/** Fits the field to its text where CSS alone cannot (`field-sizing`). */
function useGrowth(field: RefObject<HTMLTextAreaElement | null>, text: string) {
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null || CSS.supports('field-sizing', 'content')) return;
    element.style.height = 'auto';
    element.style.height = `${String(element.scrollHeight + 2)}px`;
  }, [field, text]);
}

/** Puts the caret into the field, except where that would open an on-screen keyboard. */
function useFocusOnOpen(field: RefObject<HTMLTextAreaElement | null>) {
  useEffect(() => {
    if (matchMedia('(hover: hover)').matches) field.current?.focus({ preventScroll: true });
  }, [field]);
}
