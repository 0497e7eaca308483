import type { ConversationItem } from '@parley/common/contract';

import type { ConversationList, ConversationSummary } from '../api/conversation.ts';
import type { Context } from '../context.ts';
import { keepSame, keepSameList, Signal } from '../store/signal.ts';
import { Conversation } from './conversation.ts';
import { isListed } from './summary.ts';

/** Direct conversations whose peers' presence is watched while somebody watches the list. */
const PRESENCES = 100;

/** All conversations of this device, and the list of them. */
export class Conversations {
  readonly list: Signal<ConversationList>;
  readonly #context: Context;
  readonly #all = new Map<string, Conversation>();
  #presences = new Map<string, () => void>();
  #isReady = false;

  constructor(context: Context) {
    this.#context = context;
    this.list = new Signal((previous) => this.#compute(previous), {
      watched: () => this.#watchPresences(this.list.get().conversations),
      unwatched: () => this.#watchPresences([]),
    });
  }

  /** The conversation with this id, known or not; always the same object. */
  of(id: string): Conversation {
    const existing = this.#all.get(id);
    if (existing) return existing;
    const conversation = new Conversation(id, this.#context);
    this.#all.set(id, conversation);
    return conversation;
  }

  get all(): readonly Conversation[] {
    return [...this.#all.values()];
  }

  /** The items of the first `count` of the list. */
  items(count: number): readonly ConversationItem[] {
    const rows = this.list.get().conversations.slice(0, count);
    return rows.flatMap(({ id }) => {
      const state = this.#all.get(id)?.state;
      return state ? [state.toItem()] : [];
    });
  }

  /** The list is worth showing. */
  setReady(): void {
    this.#isReady = true;
    this.list.invalidate();
  }

  /** Another person uses the device, or nobody. */
  clear(): void {
    for (const conversation of this.#all.values()) conversation.remove();
    this.#isReady = false;
    this.list.invalidate();
  }

  #compute(previous: ConversationList | undefined): ConversationList {
    const { runtime, selfId } = this.#context;
    const rows: ConversationSummary[] = [];
    for (const conversation of this.#all.values()) {
      const item = conversation.state?.item;
      const summary = conversation.info.get();
      if (item && summary && isListed(item, selfId)) rows.push(summary);
    }
    rows.sort(byPinAndTime);
    const conversations = keepSameList(previous?.conversations ?? [], rows);
    if (this.list.isWatched) this.#watchPresences(conversations);
    return keepSame(previous, {
      status: this.#isReady ? 'ready' : 'loading',
      conversations,
      unread: conversations.filter((row) => countsAsUnread(row, runtime.now())).length,
    });
  }

  #watchPresences(rows: readonly ConversationSummary[]): void {
    const peers = rows.flatMap(({ peer }) => (peer ? [peer.id] : [])).slice(0, PRESENCES);
    const wanted = new Set(peers);
    for (const [userId, release] of this.#presences) {
      if (!wanted.has(userId)) release();
    }
    this.#presences = new Map(
      peers.map((id) => [id, this.#presences.get(id) ?? this.#context.presence.watch(id)]),
    );
  }
}

function byPinAndTime(left: ConversationSummary, right: ConversationSummary): number {
  const pinned = Number(right.settings.pinned) - Number(left.settings.pinned);
  return pinned || right.lastAt - left.lastAt || (left.id < right.id ? 1 : -1);
}

function countsAsUnread(row: ConversationSummary, now: number): boolean {
  const { mutedUntil, archived, unread } = row.settings;
  return (row.unreadCount > 0 || unread) && !archived && (mutedUntil === null || mutedUntil <= now);
}
