import type { ConversationItem, Message } from '@parley/common/contract';

import { keepSame } from '../core/signal.ts';
import type { Drafts } from '../drafts/drafts.ts';
import { deliveryOf, type OutgoingMessage } from '../outbox/outgoing-message.ts';
import type { PresenceTracker } from '../people/presence-tracker.ts';
import type { LowestMarks } from '../receipts/receipts.ts';
import { deliveryAt } from '../timeline/items.ts';
import type { ConversationState } from './conversation-state.ts';
import type { ConversationSummary, LastMessage } from './types.ts';

/** The conversation that is shown. */
export interface ShownConversation {
  readonly id: string;
  /** What is known of it; `null` while nothing is. */
  readonly state: ConversationState | null;
  readonly messages: readonly OutgoingMessage[];
  readonly typing: { readonly userIds: readonly string[] };
}

export interface SummaryDeps {
  readonly self: { readonly id: string };
  readonly drafts: Pick<Drafts, 'get'>;
  readonly presence: Pick<PresenceTracker, 'known'>;
}

/** Makes the summary of a conversation; parts that did not change keep their identity. */
export function toSummary(
  { state, messages, typing }: ShownConversation,
  { drafts, presence, self }: SummaryDeps,
  previous: ConversationSummary | null | undefined,
): ConversationSummary | null {
  if (!state) return null;
  const { item, marks, receipts, unread } = state;
  const { id, kind, title, createdBy, createdAt, memberCount, role, settings, lastSeq } = item;
  const peer = item.peer ?? null;
  const outgoing = messages.findLast((message) => message.state.name !== 'stored');
  const lastMessage = outgoing
    ? fromOutgoing(outgoing, self.id)
    : item.lastMessage && fromMessage(item.lastMessage, self.id, receipts.lowest);
  return keepSame(previous, {
    ...{ id, kind, title, createdBy, createdAt, memberCount, role, lastSeq },
    unreadCount: unread.count,
    readSeq: marks.read,
    storedReadSeq: marks.storedRead,
    peer: keepNullable(previous?.peer, peer),
    presence: peer && presence.known(peer.id),
    typing: typing.userIds,
    draft: drafts.get(id),
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
