import type { EventName, EventPayload } from '@parley/common/contract';

import type { ClientOptions } from './api/client.ts';
import type { Self } from './api/connection.ts';
import type { UploadsPart } from './api/uploads.ts';
import { Connection } from './connection/connection.ts';
import { Requests } from './connection/requests.ts';
import { Wake } from './connection/wake.ts';
import type { Context } from './context.ts';
import type { Conversation } from './conversations/conversation.ts';
import { Conversations } from './conversations/conversations.ts';
import { MarkSender } from './conversations/mark-sender.ts';
import { Outbox } from './outbox/outbox.ts';
import { PresenceWatch } from './people/presence.ts';
import { Profiles } from './people/profiles.ts';
import { Runtime } from './runtime.ts';
import { Cache } from './storage/cache.ts';
import { CacheWriter } from './storage/cache-writer.ts';
import { Drafts } from './storage/drafts.ts';
import { Vault } from './storage/vault.ts';
import { Signal } from './store/signal.ts';
import { CatchUp } from './sync/catch-up.ts';
import { Refresher } from './sync/refresher.ts';
import { Synchroniser } from './sync/synchroniser.ts';

/** Milliseconds within which a living connection answers. */
const PROBE = 4_000;

/** Hears every event of the server after the client has taken it, and `live` for entries new here. */
export type EventListener = (name: EventName | 'live', payload: unknown) => void;

type Handlers = { readonly [Name in EventName]?: (event: EventPayload<Name>) => void };

/** All parts of one client, and what makes them one: its life, and where events go. */
export class Engine implements Context {
  readonly options: ClientOptions;
  readonly runtime: Runtime;
  // Parts read what they need of the others when they need it, not while they are made.
  readonly connection = new Connection(this);
  readonly requests = new Requests(this);
  readonly vault = new Vault(this);
  readonly cache = new Cache(this);
  readonly drafts = new Drafts(this);
  readonly marks = new MarkSender(this);
  readonly profiles = new Profiles(this);
  readonly presence = new PresenceWatch(this);
  readonly outbox: Outbox = new Outbox(this);
  readonly uploads: UploadsPart | null;
  readonly conversations: Conversations = new Conversations(this);
  readonly refresher: Refresher = new Refresher(this);
  readonly catchUp = new CatchUp(this);
  readonly sync: Synchroniser = new Synchroniser(this);
  readonly self = new Signal(() => this.#self);
  readonly listeners = new Set<EventListener>();
  readonly #writer = new CacheWriter(this);
  readonly #wake = new Wake(this);
  #self: Self | null = null;
  #isProbing = false;
  #life = 0;

  readonly #handlers: Handlers = {
    ready: (event) => this.#ready(event),
    entry: (event) => this.#entry(event),
    receipt: (event) => this.conversations.of(event.conversationId).takeReceipt(event),
    typing: (event) => this.conversations.of(event.conversationId).takeTyping(event),
    presence: (event) => this.presence.heard(event),
    profile: (event) => {
      this.profiles.heard([event]);
      for (const conversation of this.conversations.all) conversation.takeProfile(event);
    },
    resync: (event) => this.sync.resync(event),
    conversation: (event) => {
      if (event.action === 'added') this.sync.take(event.conversation);
      else if (event.action === 'removed') this.conversations.of(event.conversationId).remove();
      else this.conversations.of(event.conversationId).takeSettings(event.settings);
    },
  };

  constructor(options: ClientOptions) {
    this.options = options;
    this.runtime = new Runtime(options.platform);
    this.uploads = options.uploads?.(this) ?? null;
  }

  get selfId(): string {
    return this.#self?.userId ?? '';
  }

  start(): void {
    if (this.connection.isWanted) return;
    this.runtime.open();
    this.#wake.start();
    this.#life += 1;
    void this.#begin(this.#life);
  }

  stop(): void {
    this.#life += 1;
    this.connection.stop();
    this.#wake.stop();
    this.save();
    this.outbox.close();
    this.runtime.close();
  }

  async signOut(): Promise<void> {
    this.stop();
    this.#forget();
    await this.uploads?.wipe();
    await this.vault.wipe();
  }

  changed(conversation: Conversation): void {
    this.#writer.changed(conversation);
    this.conversations.list.invalidate();
  }

  heard(name: EventName, payload: EventPayload<EventName>): void {
    (this.#handlers[name] as ((event: unknown) => void) | undefined)?.(payload);
    this.#tell(name, payload);
  }

  lost(): void {
    this.requests.lost();
    this.presence.lost();
    for (const { typing } of this.conversations.all) typing.lost();
  }

  /** Others may hold this device now. What is unsent waits for the same person. */
  signedOut(): void {
    this.#writer.clear();
    void this.cache.clear();
  }

  /** Writes what waits to be written. */
  save(): void {
    this.#writer.flush();
  }

  /** Looks whether the connection still lives, or has one made. */
  probe(): void {
    const { connection, requests } = this;
    connection.reconnect();
    if (!connection.isOnline || this.#isProbing) return;
    this.#isProbing = true;
    void requests.isAnswered(this.selfId, PROBE).then((isAlive) => {
      this.#isProbing = false;
      if (!isAlive) connection.replace();
    });
  }

  /** Shows what the device kept, then connects. */
  async #begin(life: number): Promise<void> {
    const userId = this.#self?.userId ?? (await this.vault.lastUser());
    if (userId !== null) {
      await this.vault.open(userId);
      this.#setSelf({ userId, sessionId: null, attachments: true });
      await this.#restore();
      await this.outbox.takeOver(userId);
    }
    if (life === this.#life) this.connection.start();
  }

  async #restore(): Promise<void> {
    const { conversations } = this;
    const items = await this.cache.list();
    await this.drafts.load();
    for (const item of items) {
      const conversation = conversations.of(item.id);
      if (conversation.state === null) conversation.takeItem(item);
    }
    if (items.length > 0) conversations.setReady();
    // What was watched before the store was open looks into the cache now.
    for (const { timeline } of conversations.all) if (timeline.isWanted) void timeline.want();
  }

  #ready({ attachments = true, ...event }: EventPayload<'ready'>): void {
    const { serverTime, sessionId, userId } = event;
    this.runtime.setServerTime(serverTime);
    if (this.#self !== null && this.#self.userId !== userId) this.#forget();
    this.#setSelf({ userId, sessionId, attachments });
    void this.vault.open(userId).then(() => this.outbox.takeOver(userId));
    this.marks.resume();
    this.refresher.resume();
    this.presence.resume();
    for (const conversation of this.conversations.all) conversation.resume();
    void this.sync.compare();
  }

  #entry(entry: EventPayload<'entry'>): void {
    const conversation = this.conversations.of(entry.conversationId);
    if (conversation.state === null) {
      this.refresher.soon(conversation);
      return;
    }
    const isNew = !conversation.state.coverage.has(entry.seq);
    conversation.takeEntry(entry);
    if (!isNew) return;
    this.#tell('live', { entry, own: entry.senderId === this.selfId });
  }

  #tell(...event: Parameters<EventListener>): void {
    for (const listener of this.listeners) listener(...event);
  }

  #setSelf(self: Self | null): void {
    this.#self = self;
    this.self.invalidate();
  }

  /** Drops what is in memory of the person. */
  #forget(): void {
    this.#setSelf(null);
    this.conversations.clear();
    this.drafts.clear();
    this.#writer.clear();
    void this.cache.clear();
  }
}
