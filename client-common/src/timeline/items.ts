import type { Entry, MessageEntry } from '@parley/common/contract';

import type { Delivery, MessageItem, ReplyPreview, TimelineItem } from '../api/timeline.ts';
import type { Floors } from '../conversations/receipts.ts';
import { deliveryOf, type Pending } from '../outbox/pending.ts';
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
    if (entry.kind === 'message') return this.#ofMessage(entry, context);
    const item = this.#items.get(entry) ?? toItem(entry);
    if (item !== null) this.#items.set(entry, item);
    return item;
  }

  ofPending(pending: Pending, context: ItemContext): TimelineItem {
    const { state, clientId, text, file = null, replyTo, at } = pending;
    if (state.name === 'stored') return this.#ofMessage(state.entry, context);
    const varying = { delivery: deliveryOf(state), replyTo: replyTo && context.reply(replyTo) };
    return this.#keep(pending, varying, () => ({
      kind: 'message',
      ...keys(context.selfId, clientId),
      ...{ seq: null, messageId: null, own: true, at, text, attachment: file, deleted: false },
    }));
  }

  #ofMessage(entry: MessageEntry, context: ItemContext): TimelineItem {
    const { seq, senderId, clientId, deleted, replyTo, id: messageId } = entry;
    const own = senderId === context.selfId;
    const varying = {
      delivery: own ? deliveryAt(seq, context.floors) : null,
      replyTo: replyTo === null || deleted ? null : context.reply(replyTo),
    };
    return this.#keep(entry, varying, () => ({
      ...entry,
      ...keys(senderId, clientId),
      ...{ messageId, own },
    }));
  }

  /** The item made before, unless what can vary while its source does not is another now. */
  #keep(
    source: Entry | Pending,
    varying: Pick<MessageItem, 'delivery' | 'replyTo'>,
    make: () => Omit<MessageItem, 'delivery' | 'replyTo'>,
  ): TimelineItem {
    const before = this.#items.get(source);
    const isSame =
      before?.kind === 'message' &&
      before.delivery === varying.delivery &&
      before.replyTo === varying.replyTo;
    if (isSame) return before;
    const item: MessageItem = { ...make(), ...varying };
    this.#items.set(source, item);
    return item;
  }
}

/** The key stays the same while a message turns from pending to stored. */
function keys(senderId: string, clientId: string) {
  return { key: `${senderId}:${clientId}`, senderId, clientId };
}

function toItem(entry: Exclude<Entry, MessageEntry>): TimelineItem | null {
  return entry.kind === 'members' || entry.kind === 'title' ? { ...entry, key: entry.id } : null;
}
