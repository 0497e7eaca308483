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
import { splitText } from './split-text.ts';
import { useDraft } from './use-draft.ts';

/** Id of the note about a text that is too long. The field refers to it. */
const NOTE = 'composer-over';
/** A text that would make more messages than this can only be sent as a file. */
const MOST_PARTS = 10;

export interface ComposerProps {
  readonly handle: ConversationHandle;
  readonly fieldRef: RefObject<HTMLTextAreaElement | null>;
  /** The message that is replied to. */
  readonly replyTo: MessageItem | null;
  readonly replyName: string;
  readonly onCancelReply: () => void;
  /** Receives picked or pasted files; `null` if files cannot be sent. */
  readonly onFiles: ((found: FoundFiles) => void) | null;
  /** Sends a text as a file; `null` if files cannot be sent. */
  readonly onTextFile: ((text: string) => void) | null;
  /** Called when a message was queued for sending. */
  readonly onSent: () => void;
}

/** The message input: grows to eight lines, keeps a draft, and clears as soon as the message is sent. */
export function Composer(props: ComposerProps) {
  const { handle, fieldRef, replyTo, onCancelReply, onFiles, onTextFile } = props;
  const [text, setText] = useDraft(handle);
  const send = useSend(props, setText);
  const sendAsFile = (whole: string) => {
    onTextFile?.(whole);
    setText('');
    fieldRef.current?.focus();
  };
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
          if (ready) send([withoutBlankEdges(text)]);
        }}
      >
        {onFiles !== null && (
          <AttachButton onFiles={onFiles} onCancel={() => fieldRef.current?.focus()} />
        )}
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
      {excess > 0 && (
        <TooLong
          excess={excess}
          parts={partsOf(text)}
          onSplit={() => send(splitText(text, LIMITS.textMax))}
          onTextFile={onTextFile === null ? null : () => sendAsFile(text)}
        />
      )}
    </div>
  );
}

/** The number of messages that a text would make; not counted if there would be far too many. */
function partsOf(text: string): number {
  const isHuge = text.length > 2 * MOST_PARTS * LIMITS.textMax;
  return isHuge ? Infinity : splitText(text, LIMITS.textMax).length;
}

interface TooLongProps {
  readonly excess: number;
  /** The number of messages that the text would make. */
  readonly parts: number;
  readonly onSplit: () => void;
  /** `null` if files cannot be sent. */
  readonly onTextFile: (() => void) | null;
}

/** Says by how much a text is too long, and offers the ways to send it. */
function TooLong({ excess, parts, onSplit, onTextFile }: TooLongProps) {
  return (
    <div className="composer-over">
      <p id={NOTE} role="alert">
        {texts.composer.tooLong(excess)}
      </p>
      <p className="composer-over-actions">
        {onTextFile !== null && (
          <button type="button" className="link-button" onClick={onTextFile}>
            {texts.composer.asFile}
          </button>
        )}
        {parts <= MOST_PARTS && (
          <button type="button" className="link-button" onClick={onSplit}>
            {texts.composer.split(parts)}
          </button>
        )}
      </p>
    </div>
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

/** Returns a function that sends messages, clears the field and the reply, and focuses the field. */
function useSend(
  props: ComposerProps,
  setText: (text: string) => void,
): (messages: readonly string[]) => void {
  const { handle, fieldRef, replyTo, onCancelReply, onSent } = props;
  const { say } = useNotice();
  return (messages) => {
    try {
      for (const [index, text] of messages.entries()) {
        const isReply = index === 0 && replyTo?.messageId != null;
        handle.send(text, isReply ? { replyTo: replyTo.messageId } : {});
      }
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
