import type { ConversationHandle, MessageItem } from '@parley/client-common';
import { createContext, use } from 'react';

/** What the rows of an open conversation can do and ask. Stable, so that rows are not drawn again. */
export interface TimelineActions {
  readonly handle: ConversationHandle;
  readonly nameOf: (userId: string) => string;
  readonly canDelete: (item: MessageItem) => boolean;
  readonly askDelete: (item: MessageItem) => void;
  /** Shows what became of an own message. */
  readonly askInfo: (item: MessageItem) => void;
  readonly reply: (item: MessageItem) => void;
  /** Puts the caret where one writes, after something on the screen went away. */
  readonly write: () => void;
  /** Shows a message that stands elsewhere in the log. */
  readonly show: (seq: number) => void;
}

export const TimelineContext = createContext<TimelineActions | null>(null);

export function useTimelineActions(): TimelineActions {
  const actions = use(TimelineContext);
  if (actions === null) throw new Error('No TimelineContext around this component');
  return actions;
}
