import type { ErrorCode } from '@parley/client-common';
import { RotateCw } from 'lucide-react';

import { texts } from '../../texts/index.ts';
import { useTimelineActions } from './timeline-context.ts';

export interface FailedNoteProps {
  readonly clientId: string;
  readonly code: ErrorCode;
}

/** Why a message was not sent, and the two ways on. */
export function FailedNote({ clientId, code }: FailedNoteProps) {
  const { handle, write } = useTimelineActions();
  const then = (act: (clientId: string) => unknown) => () => {
    act(clientId);
    write();
  };
  return (
    <div className="failed">
      <span>{texts.errors[code] ?? texts.errors.internal}</span>
      <button type="button" className="link-button" onClick={then((id) => handle.retry(id))}>
        <RotateCw size={14} aria-hidden /> {texts.common.tryAgain}
      </button>
      <button type="button" className="link-button" onClick={then((id) => handle.discard(id))}>
        {texts.timeline.discard}
      </button>
    </div>
  );
}
