import type { ConversationItem, Message } from '@parley/common/contract';

import { keepSame } from '../core/signal.ts';
import { deliveryOf, type OutgoingMessage } from '../outbox/outgoing-message.ts';
import type { LowestMarks } from '../receipts/receipts.ts';
import { deliveryAt } from '../timeline/items.ts';
import type { ConversationState } from './conversation-state.ts';
import type { ConversationSummary, LastMessage } from './types.ts';

/** What a summary is made of. */
export interface SummaryParts extends Pick<ConversationSummary, 'draft' | 'presence' | 'typing'> {
  readonly state: ConversationState;
  readonly selfId: string;
  /** The last message that is not stored yet. */
  readonly outgoing: OutgoingMessage | undefined;
}

/** Makes the summary of a conversation; parts that did not change keep their identity. */
export function toSummary(
  { state, selfId, outgoing, ...rest }: SummaryParts,
  previous: ConversationSummary | null | undefined,
): ConversationSummary {
  const { item, marks, receipts, unread } = state;
  const { id, kind, title, createdBy, createdAt, memberCount, role, settings, lastSeq } = item;
  const lastMessage = outgoing
    ? fromOutgoing(outgoing, selfId)
    : item.lastMessage && fromMessage(item.lastMessage, selfId, receipts.lowest);
  return keepSame(previous, {
    ...rest,
    ...{ id, kind, title, createdBy, createdAt, memberCount, role, lastSeq },
    unreadCount: unread.count,
    readSeq: marks.read,
    peer: keepNullable(previous?.peer, item.peer ?? null),
    settings: keepSame(previous?.settings, settings),
    lastAt: Math.max(item.lastAt, outgoing?.at ?? 0),
    lastMessage: keepNullable(previous?.lastMessage, lastMessage),
  });
}

/** Whether a list shows the conversation: a direct one that the other user opened is hidden until its first message. */
export function isListed(item: ConversationItem, selfId: string): boolean {
  return item.kind === 'group' || item.createdBy === selfId || item.lastMessage !== null;
}

function fromMessage(message: Message, selfId: string, lowest: LowestMarks): LastMessage {
  const { seq, senderId, at, text, attachment, deletedAt } = message;
  const own = senderId === selfId;
  const delivery = own ? deliveryAt(seq, lowest) : null;
  return { seq, senderId, own, at, text, attachment, deleted: deletedAt !== null, delivery };
}

function fromOutgoing(message: OutgoingMessage, senderId: string): LastMessage {
  const { at, text, file: attachment = null } = message;
  const delivery = deliveryOf(message);
  return { seq: null, senderId, own: true, at, text, attachment, deleted: false, delivery };
}

function keepNullable<T extends object>(previous: T | null | undefined, next: T | null): T | null {
  return next && keepSame(previous, next);
}
