import type { Entry, MessageEntry } from '@parley/common/contract';

import { keepSameList } from '../core/signal.ts';
import { deliveryOf, type OutgoingMessage, SENT } from '../outbox/outgoing-message.ts';
import type { Delivery } from '../outbox/types.ts';
import type { LowestMarks } from '../receipts/receipts.ts';
import type { EntryRange } from './entry-range.ts';
import type { Replies, ReplyTarget } from './replies.ts';
import type { LogPosition } from './timeline-window.ts';
import type { MessageItem, ReplyPreview, TimelineItem } from './types.ts';

const DELIVERED: Delivery = { state: 'delivered' };
const READ: Delivery = { state: 'read' };

/** The conversation whose items are shown. */
export interface ItemsOwner {
  readonly position: LogPosition;
  readonly lowest: LowestMarks;
}

export interface ItemsDeps {
  readonly self: { readonly id: string };
  readonly owner: ItemsOwner;
  readonly replies: Pick<Replies, 'ask' | 'preview'>;
}

/** The delivery state of an own message that is stored at `seq`. */
export function deliveryAt(seq: number, lowest: LowestMarks): Delivery {
  if (seq <= lowest.read) return READ;
  return seq <= lowest.delivered ? DELIVERED : SENT;
}

/** The items of a timeline; the same list and the same objects until something changes. */
export class Items {
  readonly #deps: ItemsDeps;
  readonly #made = new WeakMap<Entry | OutgoingMessage, TimelineItem>();
  #range: EntryRange | null = null;
  #items: readonly TimelineItem[] = [];

  constructor(deps: ItemsDeps) {
    this.#deps = deps;
  }

  of(range: EntryRange | null, outgoing: readonly OutgoingMessage[]): readonly TimelineItem[] {
    this.#range = range;
    this.#items = keepSameList(this.#items, [
      ...(range?.entries ?? []).flatMap((entry) => this.#ofEntry(entry) ?? []),
      ...outgoing.map((message) => this.#ofOutgoing(message)),
    ]);
    return this.#items;
  }

  /** The item of an entry; `null` for deletions and for kinds that this version does not know. */
  #ofEntry(entry: Entry): TimelineItem | null {
    if (entry.kind === 'message') return this.#ofMessage(entry);
    const item = this.#made.get(entry) ?? toItem(entry);
    if (item) this.#made.set(entry, item);
    return item;
  }

  #ofOutgoing(message: OutgoingMessage): TimelineItem {
    const { state, clientId, text, file = null, replyTo, at } = message;
    if (state.name === 'stored') return this.#ofMessage(state.entry);
    const varying = { delivery: deliveryOf(message), replyTo: replyTo && this.#preview(replyTo) };
    return this.#keep(message, varying, () => ({
      kind: 'message',
      ...keys(this.#deps.self.id, clientId),
      ...{ seq: null, messageId: null, own: true, at, text, attachment: file, deleted: false },
    }));
  }

  #ofMessage(entry: MessageEntry): TimelineItem {
    const { self, owner } = this.#deps;
    const { seq, senderId, clientId, deleted, replyTo, id: messageId } = entry;
    const own = senderId === self.id;
    const varying = {
      delivery: own ? deliveryAt(seq, owner.lowest) : null,
      replyTo: replyTo && !deleted ? this.#preview(replyTo) : null,
    };
    return this.#keep(entry, varying, () => ({
      ...entry,
      ...keys(senderId, clientId),
      ...{ messageId, own },
    }));
  }

  #preview(target: ReplyTarget): ReplyPreview {
    const { owner, replies } = this.#deps;
    const entry = this.#range?.at(target.seq);
    if (!entry) void replies.ask(target, owner.position.joinedSeq);
    return replies.preview(target, entry);
  }

  /** The item made before, unless a part that can vary while its source does not has changed. */
  #keep(
    source: Entry | OutgoingMessage,
    varying: Pick<MessageItem, 'delivery' | 'replyTo'>,
    make: () => Omit<MessageItem, 'delivery' | 'replyTo'>,
  ): TimelineItem {
    const before = this.#made.get(source);
    const isSame =
      before?.kind === 'message' &&
      before.delivery === varying.delivery &&
      before.replyTo === varying.replyTo;
    if (isSame) return before;
    const item: MessageItem = { ...make(), ...varying };
    this.#made.set(source, item);
    return item;
  }
}

/** The key stays the same when an outgoing message turns into a stored one. */
function keys(senderId: string, clientId: string) {
  return { key: `${senderId}:${clientId}`, senderId, clientId };
}

function toItem(entry: Exclude<Entry, MessageEntry>): TimelineItem | null {
  return entry.kind === 'members' || entry.kind === 'title' ? { ...entry, key: entry.id } : null;
}
