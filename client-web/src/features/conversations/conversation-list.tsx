import type { ConversationSummary } from '@parley/client-common';
import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useRef,
  useState,
} from 'react';

import { useNavigation, useRoute } from '../../services.ts';
import { focusMessageFieldSoon } from '../../ui/message-field.ts';
import { useToday } from '../../ui/use-today.ts';
import { ConversationRow } from './conversation-row.tsx';

/** Row height in pixels; fixed, so that 5,000 conversations need no measuring. */
const ROW = 72;

export interface ConversationListProps {
  readonly conversations: readonly ConversationSummary[];
  /** Called when a conversation is opened from the list. */
  readonly onOpen: () => void;
  /** The field above the list, to which the arrow key leads from the first row. */
  readonly before: RefObject<HTMLElement | null>;
}

/** The windowed list. Tab reaches one row; the arrow keys reach the others. */
export function ConversationList({ conversations, onOpen, before }: ConversationListProps) {
  const { conversationId } = useRoute();
  const scroller = useRef<HTMLDivElement>(null);
  const [tabStop, setTabStop] = useState<string | null>(null);

  const virtualizer = useVirtualizer({
    count: conversations.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (index) => conversations[index]?.id ?? index,
    overscan: 8,
  });
  const move = useRovingRows(conversations, before, (index) => {
    virtualizer.scrollToIndex(index);
    setTabStop(conversations[index]?.id ?? null);
  });
  return (
    <div ref={scroller} className="list-scroll scroll" onKeyDown={move} tabIndex={-1}>
      <ul className="list-rows" style={{ blockSize: virtualizer.getTotalSize() }}>
        <Rows
          conversations={conversations}
          items={virtualizer.getVirtualItems()}
          tabStop={stopAmong(conversations, [tabStop, conversationId])}
          onStop={setTabStop}
          onOpen={onOpen}
        />
      </ul>
    </div>
  );
}

interface RowsProps extends Omit<ConversationListProps, 'before'> {
  readonly items: readonly VirtualItem[];
  readonly tabStop: string | undefined;
  /** Makes this row the one that Tab reaches. */
  readonly onStop: (conversationId: string) => void;
}

function Rows({ conversations, items, tabStop, onStop, onOpen }: RowsProps): ReactNode {
  const navigation = useNavigation();
  const { conversationId } = useRoute();
  const today = useToday();
  const open = useCallback(
    (id: string) => {
      onStop(id);
      onOpen();
      navigation.go({ conversationId: id, details: false });
      focusMessageFieldSoon();
    },
    [navigation, onStop, onOpen],
  );
  return items.map(({ index, key, start }) => {
    const info = conversations[index];
    if (info === undefined) return null;
    return (
      <li
        key={key}
        className="list-item"
        aria-posinset={index + 1}
        aria-setsize={conversations.length}
        style={{ transform: `translateY(${String(start)}px)` }}
      >
        <ConversationRow
          info={info}
          selected={info.id === conversationId}
          tabStop={info.id === tabStop}
          today={today}
          onOpen={open}
        />
      </li>
    );
  });
}

/** The row that Tab reaches: the first of the given candidates that exists, otherwise the first row. */
function stopAmong(
  conversations: readonly ConversationSummary[],
  wanted: readonly (string | null)[],
): string | undefined {
  const found = wanted.find((id) => conversations.some((info) => info.id === id));
  return found ?? conversations[0]?.id;
}

/** Moves the focus among the rows with the arrow keys, Home and End, including rows not yet rendered. */
function useRovingRows(
  conversations: readonly ConversationSummary[],
  before: RefObject<HTMLElement | null>,
  show: (index: number) => void,
): (event: KeyboardEvent<HTMLElement>) => void {
  const target = useRef<{ readonly list: HTMLElement; readonly id: string } | null>(null);
  useEffect(() => {
    if (target.current === null) return;
    const { list, id } = target.current;
    const link = list.querySelector<HTMLElement>(`[data-conversation="${id}"]`);
    if (link === null) return;
    target.current = null;
    link.focus({ preventScroll: true });
  });

  return (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const id = (event.target as HTMLElement).dataset['conversation'];
    const now = conversations.findIndex((info) => info.id === id);
    const last = conversations.length - 1;
    const next = {
      ArrowDown: Math.min(now + 1, last),
      ArrowUp: Math.max(now - 1, 0),
      Home: 0,
      End: last,
    }[event.key];
    const goal = next === undefined ? undefined : conversations[next];
    if (now === -1 || next === undefined || goal === undefined) return;
    event.preventDefault();
    if (event.key === 'ArrowUp' && now === 0) {
      before.current?.focus();
      return;
    }
    target.current = { list: event.currentTarget, id: goal.id };
    show(next);
  };
}
