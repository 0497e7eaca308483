import type { ErrorCode, MessageItem } from '@parley/client-common';
import { RotateCw } from 'lucide-react';

import { texts } from '../../texts/index.ts';
import { ChooseAgain } from '../attachments/choose-again.tsx';
import { useTimelineActions } from './timeline-context.ts';

export interface FailedNoteProps {
  readonly item: MessageItem;
  readonly code: ErrorCode;
}

/** The reason why a message was not sent, with buttons to retry or discard it. */
export function FailedNote({ item, code }: FailedNoteProps) {
  const { handle, write } = useTimelineActions();
  const then = (act: (clientId: string) => unknown) => () => {
    act(item.clientId);
    write();
  };
  return (
    <div className="failed">
      <span>{reasonOf(item, code)}</span>
      {code === 'upload_incomplete' ? (
        <ChooseAgain clientId={item.clientId} />
      ) : (
        <button type="button" className="link-button" onClick={then((id) => handle.retry(id))}>
          <RotateCw size={14} aria-hidden /> {texts.common.tryAgain}
        </button>
      )}
      <button type="button" className="link-button" onClick={then((id) => handle.discard(id))}>
        {texts.timeline.discard}
      </button>
    </div>
  );
}

function reasonOf({ attachment }: MessageItem, code: ErrorCode): string {
  const ofFile = attachment === null ? undefined : texts.attachments.errors[code];
  return ofFile ?? texts.errors[code] ?? texts.errors.internal;
}
