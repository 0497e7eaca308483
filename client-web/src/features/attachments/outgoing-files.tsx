import type { MessageItem } from '@parley/client-common';
import { Upload } from 'lucide-react';
import { type RefObject, useState } from 'react';

import { useClient, useReadable } from '../../client-context.ts';
import { texts } from '../../texts/index.ts';
import { errorText } from '../../ui/error-text.ts';
import { useNotice } from '../../ui/notice.tsx';
import { type MeasuredFile, SendFilesDialog } from './send-files-dialog.tsx';
import type { FoundFiles } from './files-in.ts';
import { useDroppedFiles } from './use-dropped-files.ts';

export interface OutgoingFilesOptions {
  readonly conversationId: string;
  readonly replyTo: MessageItem | null;
  readonly onSent: () => void;
  /** Receives a caption when the dialog disappears before it is sent or discarded. */
  readonly onText: (text: string) => void;
  /** Gets the focus when the files are sent, or not sent after all. */
  readonly fieldRef: RefObject<HTMLElement | null>;
}

/** The files that are about to be sent in an open conversation. */
export interface OutgoingFiles {
  /** Previews files before they are sent; `null` if the client or the server does not support files. */
  readonly offer: ((found: FoundFiles) => void) | null;
  readonly chosen: readonly File[];
  /** Sends a text as a file, without asking; `null` if files cannot be sent. */
  readonly sendText: ((text: string) => void) | null;
  readonly send: (files: readonly MeasuredFile[], caption: string) => void;
  readonly close: () => void;
  readonly onText: (text: string) => void;
}

export function useOutgoingFiles(options: OutgoingFilesOptions): OutgoingFiles {
  const { conversationId, replyTo, onSent, onText, fieldRef } = options;
  const { self, uploads } = useClient();
  const isTaken = useReadable(self)?.attachments ?? true;
  const { say } = useNotice();
  const [chosen, setChosen] = useState<readonly File[]>([]);
  const close = () => setChosen([]);
  const send = (files: readonly MeasuredFile[], caption: string) => {
    close();
    try {
      for (const [index, { file, dimensions }] of files.entries()) {
        // Each file becomes a message: the first one carries the reply, the last one the caption.
        const reply = index === 0 && replyTo?.messageId ? { replyTo: replyTo.messageId } : {};
        const text = index === files.length - 1 && caption !== '' ? { text: caption } : {};
        uploads?.send(conversationId, file, { ...dimensions, ...reply, ...text });
      }
    } catch (error) {
      say(errorText(error));
    }
    onSent();
  };
  const offer = ({ files, hasFolders }: FoundFiles) => {
    if (hasFolders) say(texts.attachments.noFolders);
    if (files.length === 0) return;
    // The dialog gives the focus back to the element that has it now.
    fieldRef.current?.focus();
    setChosen(files);
  };
  const sendText = (text: string) => {
    const file = new File([text], texts.composer.fileName, { type: 'text/plain' });
    send([{ file, dimensions: {} }], '');
  };
  const canSend = uploads !== null && isTaken;
  return {
    offer: canSend ? offer : null,
    sendText: canSend ? sendText : null,
    chosen,
    send,
    close,
    onText,
  };
}

/** The drop target for files and the preview before they are sent. */
export function OutgoingFilesView({ files }: { readonly files: OutgoingFiles }) {
  const { offer, chosen, send, close, onText } = files;
  const isOver = useDroppedFiles(offer ?? (() => undefined));
  return (
    <>
      {isOver && offer !== null && (
        <div className="drop-target">
          <Upload size={32} aria-hidden />
          {texts.attachments.drop}
        </div>
      )}
      {chosen.length > 0 && (
        <SendFilesDialog files={chosen} onSend={send} onClose={close} onVanish={onText} />
      )}
    </>
  );
}
