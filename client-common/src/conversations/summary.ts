import type { ConversationItem, Message } from '@parley/common/contract';

import type { ConversationSummary, LastMessage } from '../api/conversation.ts';
import { deliveryOf, type Pending } from '../outbox/pending.ts';
import { keepSame } from '../store/signal.ts';
import { deliveryAt } from '../timeline/items.ts';
import type { Floors } from './receipts.ts';

/** What a summary is made of. */
export interface SummaryParts {
  readonly item: ConversationItem;
  readonly selfId: string;
  readonly pending: Pending | undefined;
  readonly floors: Floors;
  /** What stands in the row as it is. */
  readonly row: Pick<
    ConversationSummary,
    'unreadCount' | 'readSeq' | 'presence' | 'typing' | 'draft'
  >;
}

/** Makes the row of a conversation; parts that did not change keep their identity. */
export function toSummary(
  parts: SummaryParts,
  previous: ConversationSummary | null | undefined,
): ConversationSummary {
  const { item, pending, selfId } = parts;
  const lastMessage = pending ? fromPending(pending, selfId) : fromMessage(item.lastMessage, parts);
  return keepSame(previous, {
    ...parts.row,
    id: item.id,
    kind: item.kind,
    title: item.title,
    peer: keepNullable(previous?.peer, item.peer ?? null),
    createdBy: item.createdBy,
    createdAt: item.createdAt,
    memberCount: item.memberCount,
    role: item.role,
    settings: keepSame(previous?.settings, item.settings),
    lastSeq: item.lastSeq,
    lastAt: Math.max(item.lastAt, pending?.at ?? 0),
    lastMessage: keepNullable(previous?.lastMessage, lastMessage),
  });
}

/** Whether a list shows the conversation: one that somebody else opened is hidden until something is said in it. */
export function isListed(item: ConversationItem, selfId: string): boolean {
  return item.kind === 'group' || item.createdBy === selfId || item.lastMessage !== null;
}

function fromMessage(message: Message | null, parts: SummaryParts): LastMessage | null {
  if (message === null) return null;
  const { seq, senderId, at, text, attachment, deletedAt } = message;
  const own = senderId === parts.selfId;
  const delivery = own ? deliveryAt(seq, parts.floors) : null;
  return { seq, senderId, own, at, text, attachment, deleted: deletedAt !== null, delivery };
}

function fromPending(pending: Pending, selfId: string): LastMessage {
  const { at, text, file, state } = pending;
  return {
    ...{ seq: null, senderId: selfId, own: true, at, text, attachment: file ?? null },
    ...{ deleted: false, delivery: deliveryOf(state) },
  };
}

function keepNullable<T extends object>(previous: T | null | undefined, next: T | null): T | null {
  return next === null ? null : keepSame(previous, next);
}
