import './composer.css';

import { codePoints, isVisible, LIMITS } from '@parley/common';
import type { ConversationHandle, MessageItem } from '@parley/client-common';
import { SendHorizontal } from 'lucide-react';
import { type RefObject, useEffect } from 'react';

import { texts } from '../../texts/index.ts';
import { errorText } from '../../ui/error-text.ts';
import { useNotice } from '../../ui/notice.tsx';
import { AttachButton } from '../attachments/attach-button.tsx';
import type { FoundFiles } from '../attachments/files-in.ts';
import { ComposerField } from './composer-field.tsx';
import { ReplyBar } from './reply-bar.tsx';
import { useDraft } from './use-draft.ts';

/** Id of the note about a text that is too long. The field refers to it. */
const NOTE = 'composer-over';

export interface ComposerProps {
  readonly handle: ConversationHandle;
  readonly fieldRef: RefObject<HTMLTextAreaElement | null>;
  /** The message that is replied to. */
  readonly replyTo: MessageItem | null;
  readonly replyName: string;
  readonly onCancelReply: () => void;
  /** Receives picked or pasted files; `null` if files cannot be sent. */
  readonly onFiles: ((found: FoundFiles) => void) | null;
  /** Called when a message was queued for sending. */
  readonly onSent: () => void;
}

/** The message input: grows to eight lines, keeps a draft, and clears as soon as the message is sent. */
export function Composer(props: ComposerProps) {
  const { handle, fieldRef, replyTo, onCancelReply, onFiles } = props;
  const [text, setText] = useDraft(handle);
  const send = useSend(props, text, setText);
  const excess = Math.max(0, codePoints(text) - LIMITS.textMax);
  const ready = isVisible(text) && excess === 0;
  useEffect(() => () => handle.setTyping(false), [handle]);

  const write = (next: string) => {
    setText(next);
    handle.setTyping(next.trim() !== '');
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
          if (ready) send();
        }}
      >
        {onFiles !== null && <AttachButton onFiles={onFiles} />}
        <ComposerField
          fieldRef={fieldRef}
          text={text}
          noteId={excess > 0 ? NOTE : undefined}
          onChange={write}
          onFiles={onFiles}
          onEscape={replyTo === null ? null : onCancelReply}
        />
        <SendButton disabled={!ready} />
      </form>
      {excess > 0 && <TooLong excess={excess} />}
    </div>
  );
}

function TooLong({ excess }: { readonly excess: number }) {
  return (
    <p id={NOTE} className="composer-over" role="alert">
      {texts.composer.tooLong(excess)}
    </p>
  );
}

function SendButton({ disabled }: { readonly disabled: boolean }) {
  return (
    <button
      type="submit"
      className="composer-send"
      aria-label={texts.composer.send}
      title={texts.composer.send}
      disabled={disabled}
      onPointerDown={(event) => event.preventDefault()}
    >
      <SendHorizontal className="icon-mirror" size={22} aria-hidden />
    </button>
  );
}

/** The text without blank lines before and blanks after it; the indentation of its first line stays. */
function withoutBlankEdges(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/u, '').trimEnd();
}

/** Returns a function that sends the text, clears the field and the reply, and focuses the field. */
function useSend(props: ComposerProps, text: string, setText: (text: string) => void): () => void {
  const { handle, fieldRef, replyTo, onCancelReply, onSent } = props;
  const { say } = useNotice();
  return () => {
    try {
      handle.send(
        withoutBlankEdges(text),
        replyTo?.messageId == null ? {} : { replyTo: replyTo.messageId },
      );
    } catch (error) {
      say(errorText(error));
      return;
    }
    setText('');
    onCancelReply();
    onSent();
    fieldRef.current?.focus();
  };
}
