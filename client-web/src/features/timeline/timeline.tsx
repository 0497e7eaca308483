import './timeline.css';

import type { ConversationSummary } from '@parley/client-common';
import { type ReactNode, useEffect, useState } from 'react';

import { useSelf } from '../../services.ts';
import { texts } from '../../texts/index.ts';
import { useToday } from '../../ui/use-today.ts';
import { copySource } from '../formatting/copy-source.ts';
import { conversationName } from '../people/person-name.ts';
import { Announcer } from './announcer.tsx';
import { JumpButton } from './jump-button.tsx';
import { UnfoldedContext } from './message-fold.tsx';
import { countFresh } from './position.ts';
import { StickyDayLabel } from './sticky-day.tsx';
import { TimelineNotes } from './timeline-notes.tsx';
import { TimelineRow } from './timeline-row.tsx';
import { useTimelineActions } from './timeline-context.ts';
import { useAttention } from './use-attention.ts';
import { useMessageFocus } from './use-message-focus.ts';
import type { TimelineView } from './use-timeline-view.ts';

export interface TimelineProps {
  readonly info: ConversationSummary;
  readonly view: TimelineView;
}

/** The messages of an open conversation: windowed, anchored, and announced when they arrive. */
export function Timeline({ info, view }: TimelineProps) {
  const { snapshot, rows, scroll, day } = view;
  const { nameOf, handle } = useTimelineActions();
  const today = useToday();
  const [unfolded] = useState(() => new Set<string>());
  const focus = useMessageFocus(rows, scroll);
  useMarkRead(handle, scroll.seenSeq);

  return (
    <div className="timeline">
      <div
        ref={scroll.scroller}
        className="timeline-scroll scroll"
        role="log"
        aria-live="off"
        aria-label={texts.conversation.log(conversationName(info))}
        tabIndex={0}
        onKeyDown={focus.onKeyDown}
        onCopy={copySource}
      >
        <div className="timeline-rows" style={{ blockSize: scroll.virtualizer.getTotalSize() }}>
          <UnfoldedContext value={unfolded}>
            <Rows
              view={view}
              info={info}
              today={today}
              active={focus.active}
              covered={day.row?.key ?? null}
            />
          </UnfoldedContext>
        </div>
      </div>
      <TimelineNotes info={info} snapshot={snapshot} />
      <StickyDayLabel day={day} today={today} />
      {!scroll.atEnd && (
        <JumpButton fresh={countFresh(snapshot, scroll.seenSeq)} onJump={view.jumpToNewest} />
      )}
      <Announcer items={snapshot.items} nameOf={nameOf} />
    </div>
  );
}

interface RowsProps {
  readonly view: TimelineView;
  readonly info: ConversationSummary;
  readonly today: number;
  readonly active: string | null;
  /** Key of the separator whose text the sticky day shows. */
  readonly covered: string | null;
}

function Rows({ view, info, today, active, covered }: RowsProps): ReactNode {
  const { rows, scroll, flash } = view;
  const { nameOf } = useTimelineActions();
  const self = useSelf();
  return scroll.virtualizer.getVirtualItems().map(({ index, key, start }) => {
    const row = rows[index];
    if (row === undefined) return null;
    return (
      <div
        key={key}
        ref={scroll.virtualizer.measureElement}
        data-index={index}
        className="timeline-row"
        style={{ transform: `translateY(${String(start)}px)` }}
      >
        <TimelineRow
          row={row}
          nameOf={nameOf}
          selfId={self.id}
          group={info.kind === 'group'}
          today={today}
          active={row.key === active}
          flash={row.key === flash}
          covered={row.key === covered}
        />
      </div>
    );
  });
}

/** Marks messages as read that were on the screen while the user was looking at the page. */
function useMarkRead(handle: { markRead: (seq: number) => void }, seenSeq: number) {
  const attention = useAttention();
  useEffect(() => {
    if (attention && seenSeq > 0) handle.markRead(seenSeq);
  }, [handle, attention, seenSeq]);
}
