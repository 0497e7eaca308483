import type { ConversationHandle, MessageItem } from '@parley/client-common';
import { createContext, use } from 'react';

/** The actions available to the rows of an open conversation. Stable, so that rows are not re-rendered. */
export interface TimelineActions {
  readonly handle: ConversationHandle;
  readonly nameOf: (userId: string) => string;
  readonly canDelete: (item: MessageItem) => boolean;
  readonly askDelete: (item: MessageItem) => void;
  /** Shows the delivery status of an own message. */
  readonly askInfo: (item: MessageItem) => void;
  readonly reply: (item: MessageItem) => void;
  /** Focuses the composer after an element on the screen was removed. */
  readonly write: () => void;
  /** Scrolls to another message of the conversation. */
  readonly show: (seq: number) => void;
}

export const TimelineContext = createContext<TimelineActions | null>(null);

export function useTimelineActions(): TimelineActions {
  const actions = use(TimelineContext);
  if (actions === null) throw new Error('No TimelineContext around this component');
  return actions;
}
