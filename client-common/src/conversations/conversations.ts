import type { ConversationItem, Entry, EventPayload } from '@parley/common/contract';

import type { Cache } from '../cache/cache.ts';
import type { Connection } from '../core/connection.ts';
import { Emitter } from '../core/emitter.ts';
import type { Cancel } from '../core/runtime.ts';
import { keepSame, keepSameList, Signal } from '../core/signal.ts';
import type { Drafts } from '../drafts/drafts.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { PresenceTracker } from '../people/presence-tracker.ts';
import { Conversation } from './conversation.ts';
import type { ConversationDeps } from './conversation-deps.ts';
import { isListed } from './summary.ts';
import type { ConversationList, ConversationSummary, LiveEntry } from './types.ts';

/** Direct conversations whose peers' presence is watched while the list is watched. */
const PRESENCES = 100;
/** Longest timer in milliseconds: JavaScript's timers overflow after 24.8 days. */
const LONGEST_TIMER = 24 * 3_600_000;

export interface ConversationsEvents {
  /** A conversation has changed. */
  readonly changed: Conversation;
  /** A new entry has arrived as an event. */
  readonly live: LiveEntry;
}

export interface ConversationsDeps extends ConversationDeps {
  readonly connection: Pick<Connection, 'emit' | 'events' | 'server'>;
  readonly cache: Pick<Cache, 'dropEntries' | 'entries' | 'list'>;
  readonly drafts: Pick<Drafts, 'clear' | 'events' | 'get' | 'load' | 'set'>;
  readonly outbox: Pick<Outbox, 'events' | 'queue'>;
  readonly presence: Pick<PresenceTracker, 'events' | 'known' | 'of' | 'refresh'>;
}

/** All conversations of this device, and the list of them. */
export class Conversations {
  readonly events = new Emitter<ConversationsEvents>();
  readonly list: Signal<ConversationList>;
  readonly #deps: ConversationsDeps;
  readonly #all = new Map<string, Conversation>();
  #presences = new Map<string, () => void>();
  #isReady = false;
  #cancelMuteEnd: Cancel = () => undefined;

  constructor(deps: ConversationsDeps) {
    this.#deps = deps;
    this.list = new Signal((previous) => this.#compute(previous), {
      watched: () => this.#watchPresences(this.list.get().conversations),
      unwatched: () => this.#watchPresences([]),
    });
    this.#listen();
  }

  /** The conversation with this id, known or not; always the same object. */
  of(id: string): Conversation {
    const existing = this.#all.get(id);
    if (existing) return existing;
    const conversation: Conversation = new Conversation(id, this.#deps, () => {
      this.events.emit('changed', conversation);
      this.list.invalidate();
    });
    this.#all.set(id, conversation);
    return conversation;
  }

  get all(): readonly Conversation[] {
    return [...this.#all.values()];
  }

  /** The ids of the first `count` of the list. */
  first(count: number): readonly string[] {
    return this.list
      .get()
      .conversations.slice(0, count)
      .map(({ id }) => id);
  }

  /** The first `count` of the list as a server would answer them. */
  items(count: number): readonly ConversationItem[] {
    return this.first(count).flatMap((id) => this.#all.get(id)?.state?.toItem() ?? []);
  }

  /** A conversation as the server has it. */
  add(item: ConversationItem): void {
    this.of(item.id).applyItem(item);
  }

  /** Shows what the device kept. */
  async restore(): Promise<void> {
    const { cache, drafts } = this.#deps;
    const items = await cache.list();
    await drafts.load();
    for (const item of items) if (!this.of(item.id).state) this.add(item);
    if (items.length > 0) this.setReady();
    // Timelines that were watched before the store was open look into the cache now.
    for (const { timeline } of this.all) if (timeline.isActive) void timeline.activate();
  }

  /** The list is complete enough to be shown. */
  setReady(): void {
    this.#isReady = true;
    this.list.invalidate();
  }

  /** Another user uses the device, or nobody. */
  clear(): void {
    for (const conversation of this.all) {
      conversation.remove();
      conversation.setDraft('');
    }
    this.#deps.drafts.clear();
    this.#isReady = false;
    this.list.invalidate();
  }

  #listen(): void {
    const { connection, drafts, outbox, presence } = this.#deps;
    const { server } = connection;
    server.on('ready', () => {
      for (const conversation of this.all) conversation.resume();
    });
    server.on('entry', (entry) => this.#receive(entry));
    server.on('receipt', (event) => this.of(event.conversationId).applyReceipt(event));
    server.on('typing', (event) => this.of(event.conversationId).applyTyping(event));
    server.on('attachment', (event) =>
      this.of(event.conversationId).applyThumbnail(event.attachmentId),
    );
    server.on('profile', (profile) => {
      for (const conversation of this.all) conversation.applyProfile(profile);
    });
    server.on('conversation', (event) => this.#update(event));
    connection.events.on('lost', () => {
      for (const { typing } of this.all) typing.lost();
    });
    drafts.events.on('changed', (id) => this.of(id).changed());
    outbox.events.on('changed', (id) => this.of(id).changed());
    outbox.events.on('stored', (entry) => this.of(entry.conversationId).applyEntry(entry));
    presence.events.on('changed', (userId) => {
      for (const conversation of this.all) {
        if (conversation.state?.item.peer?.id === userId) conversation.changed();
      }
    });
  }

  #update(event: EventPayload<'conversation'>): void {
    if (event.action === 'added') this.add(event.conversation);
    else if (event.action === 'removed') this.of(event.conversationId).remove();
    else this.of(event.conversationId).applySettings(event.settings);
  }

  #receive(entry: Entry): void {
    const { refresher, self } = this.#deps;
    const conversation = this.of(entry.conversationId);
    if (!conversation.state) {
      refresher.soon(conversation);
      return;
    }
    const isNew = !conversation.state.received.has(entry.seq);
    conversation.applyEntry(entry);
    if (isNew) this.events.emit('live', { entry, own: entry.senderId === self.id });
  }

  #compute(previous: ConversationList | undefined): ConversationList {
    const { runtime, self } = this.#deps;
    const rows: ConversationSummary[] = [];
    for (const conversation of this.#all.values()) {
      const item = conversation.state?.item;
      const summary = conversation.snapshots.info.get();
      if (item && summary && isListed(item, self.id)) rows.push(summary);
    }
    rows.sort(byPinAndTime);
    const conversations = keepSameList(previous?.conversations ?? [], rows);
    if (this.list.isWatched) this.#watchPresences(conversations);
    this.#awaitMuteEnd(conversations);
    return keepSame(previous, {
      status: this.#isReady ? 'ready' : 'loading',
      conversations,
      unread: conversations.filter((row) => countsAsUnread(row, runtime.now())).length,
    });
  }

  /** Counts again when the first mute of an unread conversation ends. */
  #awaitMuteEnd(rows: readonly ConversationSummary[]): void {
    const { runtime } = this.#deps;
    const now = runtime.now();
    let end = Infinity;
    for (const { settings, unreadCount } of rows) {
      const { mutedUntil, unread } = settings;
      if (mutedUntil !== null && mutedUntil > now && (unreadCount > 0 || unread)) {
        end = Math.min(end, mutedUntil);
      }
    }
    this.#cancelMuteEnd();
    if (end === Infinity) return;
    const wait = Math.min(end - now, LONGEST_TIMER);
    this.#cancelMuteEnd = runtime.delay(wait, () => this.list.invalidate());
  }

  #watchPresences(rows: readonly ConversationSummary[]): void {
    const { presence } = this.#deps;
    const peers = rows.flatMap(({ peer }) => (peer ? [peer.id] : [])).slice(0, PRESENCES);
    const wanted = new Set(peers);
    for (const [userId, release] of this.#presences) {
      if (!wanted.has(userId)) release();
    }
    this.#presences = new Map(
      peers.map((id) => [
        id,
        this.#presences.get(id) ?? presence.of(id).subscribe(() => undefined),
      ]),
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
