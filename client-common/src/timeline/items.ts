import type { Entry, MessageEntry } from '@parley/common/contract';

import type { Delivery, MessageItem, ReplyPreview, TimelineItem } from '../api/timeline.ts';
import type { Floors } from '../conversations/receipts.ts';
import { deliveryOf, type Pending } from '../outbox/pending.ts';
import { keepSame } from '../store/signal.ts';
import type { ReplyTarget } from './replies.ts';

const SENT: Delivery = { state: 'sent' };
const DELIVERED: Delivery = { state: 'delivered' };
const READ: Delivery = { state: 'read' };

/** What rows depend on besides their entry. */
export interface ItemContext {
  readonly selfId: string;
  readonly floors: Floors;
  readonly reply: (target: ReplyTarget) => ReplyPreview;
}

/** How far an own message at `seq` has come with the others. */
export function deliveryAt(seq: number, floors: Floors): Delivery {
  if (seq <= floors.read) return READ;
  return seq <= floors.delivered ? DELIVERED : SENT;
}

/** Makes the rows of a timeline and keeps each the same object until something in it changes. */
export class ItemBuilder {
  readonly #items = new WeakMap<Entry | Pending, TimelineItem>();

  /** The row of an entry; `null` for what is no row: a deletion, a kind of later versions. */
  ofEntry(entry: Entry, context: ItemContext): TimelineItem | null {
    const before = this.#items.get(entry);
    // Only a message depends on more than its entry.
    if (before !== undefined && before.kind !== 'message') return before;
    const next = toItem(entry, context);
    return next && this.#keep(entry, next);
  }

  ofPending(pending: Pending, context: ItemContext): TimelineItem {
    return this.#keep(pending, fromPending(pending, context));
  }

  #keep(source: Entry | Pending, next: TimelineItem): TimelineItem {
    const item = keepSame(this.#items.get(source), next);
    this.#items.set(source, item);
    return item;
  }
}

function toItem(entry: Entry, context: ItemContext): TimelineItem | null {
  const { id: key, seq, senderId, at } = entry;
  if (entry.kind === 'message') return fromMessage(entry, context);
  if (entry.kind === 'members') {
    const { action, userIds, role } = entry;
    return { kind: 'members', key, seq, senderId, at, action, userIds, role };
  }
  if (entry.kind === 'title') {
    return { kind: 'title', key, seq, senderId, at, title: entry.title };
  }
  return null;
}

function fromMessage(entry: MessageEntry, context: ItemContext): MessageItem {
  const { seq, senderId, clientId, at, text, deleted, replyTo } = entry;
  const own = senderId === context.selfId;
  return {
    kind: 'message',
    key: messageKey(senderId, clientId),
    seq,
    messageId: entry.id,
    clientId,
    senderId,
    own,
    at,
    text,
    deleted,
    replyTo: replyTo === null || deleted ? null : context.reply(replyTo),
    delivery: own ? deliveryAt(seq, context.floors) : null,
  };
}

function fromPending(pending: Pending, context: ItemContext): MessageItem {
  const { state, clientId, text, replyTo } = pending;
  if (state.name === 'stored') return fromMessage(state.entry, context);
  return {
    kind: 'message',
    key: messageKey(context.selfId, clientId),
    seq: null,
    messageId: null,
    clientId,
    senderId: context.selfId,
    own: true,
    at: pending.at,
    text,
    deleted: false,
    replyTo: replyTo === null ? null : context.reply(replyTo),
    delivery: deliveryOf(state),
  };
}

function messageKey(senderId: string, clientId: string): string {
  return `${senderId}:${clientId}`;
}
