import { memo } from 'react';

import { texts } from '../../texts/index.ts';
import { dayText } from '../../ui/time-text.ts';
import type { Row } from './build-rows.ts';
import { eventText } from './event-text.ts';
import { MessageRow } from './message-row.tsx';

export interface TimelineRowProps {
  readonly row: Row;
  readonly nameOf: (userId: string) => string;
  readonly selfId: string;
  readonly group: boolean;
  readonly today: number;
  readonly active: boolean;
  readonly flash: boolean;
  /** Whether the sticky day currently shows the text of this separator. */
  readonly covered: boolean;
}

export const TimelineRow = memo(function TimelineRow(props: TimelineRowProps) {
  const { row, nameOf, selfId, group, active, flash } = props;
  switch (row.kind) {
    case 'start':
      return <p className="timeline-start quiet">{texts.timeline.begin}</p>;
    case 'day':
      return (
        <div className={props.covered ? 'day-row is-covered' : 'day-row'}>
          <span className="day-label">{dayText(row.at, props.today)}</span>
        </div>
      );
    case 'unread':
      return (
        <div className="unread-row" role="separator">
          <span>{texts.timeline.unread}</span>
        </div>
      );
    case 'event':
      return (
        <p className="event-row">
          <span className="event-label" dir="auto">
            {eventText(row.item, { selfId, nameOf })}
          </span>
        </p>
      );
    case 'message':
      return (
        <MessageRow
          row={row}
          senderName={nameOf(row.item.senderId)}
          group={group}
          active={active}
          flash={flash}
        />
      );
  }
});
