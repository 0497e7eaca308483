import type { ConversationSummary, TimelineSnapshot } from '@parley/client-common';
import { CloudOff, MessageCircle } from 'lucide-react';

import { texts } from '../../texts/index.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useNotice } from '../../ui/notice.tsx';
import { conversationName } from '../people/person-name.ts';
import { useTimelineActions } from './timeline-context.ts';

export interface TimelineNotesProps {
  readonly info: ConversationSummary;
  readonly snapshot: TimelineSnapshot;
}

/** The loading, error and empty states above the log. They shift no content. */
export function TimelineNotes({ info, snapshot }: TimelineNotesProps) {
  const { handle } = useTimelineActions();
  const { attempt } = useNotice();
  const { status, items, error, loadingOlder } = snapshot;
  if (status === 'failed') {
    return (
      <div className="timeline-note">
        <EmptyState
          icon={<CloudOff size={28} />}
          title={texts.timeline.failed}
          hint={errorOf(error)}
        >
          <Button onClick={() => attempt(handle.reload())}>{texts.common.tryAgain}</Button>
        </EmptyState>
      </div>
    );
  }
  if (items.length === 0 || isEmpty(snapshot)) {
    return (
      <div className="timeline-note">
        {status === 'ready' ? <Empty info={info} /> : <Loading />}
      </div>
    );
  }
  if (error !== null) {
    return (
      <div className="older-note" role="status">
        <span>{texts.timeline.olderFailed}</span>
        <button type="button" className="link-button" onClick={() => attempt(handle.loadOlder())}>
          {texts.common.tryAgain}
        </button>
      </div>
    );
  }
  return loadingOlder ? <div className="older-note">{texts.timeline.loadingOlder}</div> : null;
}

const errorOf = (error: TimelineSnapshot['error']): string =>
  (error === null ? undefined : texts.errors[error]) ?? texts.errors.internal;

/** Whether the conversation contains no messages, only the event of its creation. */
function isEmpty({ items, hasOlder, status }: TimelineSnapshot): boolean {
  return status === 'ready' && !hasOlder && items.every(({ kind }) => kind !== 'message');
}

function Empty({ info }: { readonly info: ConversationSummary }) {
  const title =
    info.kind === 'group'
      ? texts.timeline.emptyGroup
      : texts.timeline.empty(conversationName(info));
  return (
    <EmptyState icon={<MessageCircle size={28} />} title={title} hint={texts.timeline.emptyHint} />
  );
}

/** Becomes visible only when loading takes noticeably long (through an animation delay). */
function Loading() {
  return (
    <p className="timeline-loading quiet" role="status">
      {texts.common.loading}
    </p>
  );
}
