import type { ConversationHandle, ConversationSummary, MessageItem } from '@parley/client-common';
import { type RefObject, useCallback, useMemo, useState } from 'react';

import { useParts } from '../../parts.ts';
import type { TimelineActions } from '../timeline/timeline-context.ts';

export interface MessageActionsOptions {
  readonly handle: ConversationHandle;
  readonly info: ConversationSummary;
  readonly nameOf: (userId: string) => string;
  readonly fieldRef: RefObject<HTMLTextAreaElement | null>;
}

/** The messages that the user is acting on, and the actions that select them. */
export interface MessageActionsState {
  readonly replyTo: MessageItem | null;
  readonly setReplyTo: (item: MessageItem | null) => void;
  /** The message whose deletion has to be confirmed. */
  readonly deleting: MessageItem | null;
  readonly setDeleting: (item: MessageItem | null) => void;
  /** The message whose delivery status is shown. */
  readonly inspected: MessageItem | null;
  readonly setInspected: (item: MessageItem | null) => void;
  /** Stable until one of the options changes. */
  readonly actions: Omit<TimelineActions, 'show'>;
}

export function useMessageActions(options: MessageActionsOptions): MessageActionsState {
  const { handle, info, nameOf, fieldRef } = options;
  const [replyTo, setReplyTo] = useReplyTarget(handle.id);
  const [deleting, setDeleting] = useState<MessageItem | null>(null);
  const [inspected, setInspected] = useState<MessageItem | null>(null);
  const mayDeleteAll = info.role === 'owner' || info.role === 'admin';
  const actions = useMemo(() => {
    const write = () => fieldRef.current?.focus();
    const reply = (item: MessageItem) => {
      setReplyTo(item);
      write();
    };
    const canDelete = (item: MessageItem) =>
      item.messageId !== null && !item.deleted && (item.own || mayDeleteAll);
    const ask = { askDelete: setDeleting, askInfo: setInspected };
    return { handle, nameOf, canDelete, ...ask, write, reply };
  }, [handle, nameOf, mayDeleteAll, fieldRef, setReplyTo]);
  return { replyTo, setReplyTo, deleting, setDeleting, inspected, setInspected, actions };
}

/** The message that is replied to in a conversation. It is kept while other conversations are open. */
function useReplyTarget(
  conversationId: string,
): readonly [MessageItem | null, (item: MessageItem | null) => void] {
  const { replies } = useParts();
  const [item, setItem] = useState(() => replies.get(conversationId));
  const set = useCallback(
    (next: MessageItem | null) => {
      replies.set(conversationId, next);
      setItem(next);
    },
    [replies, conversationId],
  );
  return [item, set];
}
