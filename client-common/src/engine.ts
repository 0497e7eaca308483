import type { EventName, EventPayload } from '@parley/common/contract';

import type { ClientOptions, LiveEntry } from './api/client.ts';
import type { Self } from './api/connection.ts';
import { Connection } from './connection/connection.ts';
import { Requests } from './connection/requests.ts';
import { Wake } from './connection/wake.ts';
import type { ConversationContext } from './conversations/context.ts';
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
const WINDOW_ENTRIES = 2_000;

/** All parts of one client, and what makes them one: its life, and where events go. */
export class Engine {
  readonly runtime: Runtime;
  readonly connection: Connection;
  readonly requests: Requests;
  readonly conversations: Conversations;
  readonly refresher: Refresher;
  readonly sync: Synchroniser;
  readonly presence: PresenceWatch;
  readonly profiles: Profiles;
  readonly outbox: Outbox;
  readonly self: Signal<Self | null>;
  readonly entryListeners = new Set<(live: LiveEntry) => void>();
  readonly #vault: Vault;
  readonly #cache: Cache;
  readonly #writer: CacheWriter;
  readonly #drafts: Drafts;
  readonly #marks: MarkSender;
  readonly #catchUp: CatchUp;
  readonly #wake: Wake;
  #self: Self | null = null;
  #isProbing = false;
  #life = 0;

  constructor(options: ClientOptions) {
    const runtime = new Runtime(options.platform);
    this.runtime = runtime;
    this.self = new Signal(() => this.#self);
    this.connection = this.#createConnection(options);
    const { connection } = this;
    const isOpen = () => connection.isOnline;
    this.requests = new Requests({ runtime, connection, suspect: () => void this.#probe() });
    const { requests } = this;
    this.#vault = new Vault(runtime);
    this.#cache = new Cache(this.#vault);
    this.#drafts = new Drafts(this.#vault);
    this.#writer = new CacheWriter({
      runtime,
      cache: this.#cache,
      conversations: () => this.conversations,
    });
    this.#marks = new MarkSender({ runtime, requests });
    this.profiles = new Profiles(options.loadProfile);
    this.presence = this.#createPresence();
    this.outbox = this.#createOutbox();
    this.conversations = new Conversations(this.#context(options));
    const gone = (conversation: Conversation) => {
      this.gone(conversation);
    };
    this.refresher = new Refresher({ runtime, requests, isOpen, gone });
    const get = (conversation: Conversation) => this.refresher.now(conversation);
    this.#catchUp = new CatchUp({ runtime, requests, isOpen, get, gone });
    this.sync = this.#createSync();
    this.#wake = this.#createWake();
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
    this.#save();
    this.outbox.close();
    this.runtime.close();
  }

  async signOut(): Promise<void> {
    this.stop();
    await this.#forget();
    await this.#vault.wipe();
  }

  /** This person is no member any more. */
  gone(conversation: Conversation): void {
    conversation.remove();
  }

  /** Shows what the device kept, then connects. */
  async #begin(life: number): Promise<void> {
    const userId = this.#self?.userId ?? (await this.#vault.lastUser());
    if (userId !== null) {
      await this.#vault.open(userId);
      this.#setSelf({ userId, sessionId: null });
      await this.#restore();
      await this.outbox.takeOver(userId);
    }
    if (life === this.#life) this.connection.start();
  }

  async #restore(): Promise<void> {
    const { conversations } = this;
    const [items] = await Promise.all([this.#cache.list(), this.#drafts.load()]);
    for (const item of items) {
      const conversation = conversations.of(item.id);
      if (conversation.state === null) conversation.takeItem(item);
    }
    if (items.length > 0) conversations.setReady();
    // What was watched before the store was open looks into the cache now.
    for (const { timeline } of conversations.all) if (timeline.isWanted) void timeline.want();
  }

  #heard(name: EventName, payload: EventPayload<EventName>): void {
    const { conversations } = this;
    const at = (id: string) => conversations.of(id);
    const handlers: { [Name in EventName]?: (event: EventPayload<Name>) => void } = {
      ready: (event) => {
        this.#ready(event);
      },
      entry: (event) => {
        this.#entry(event);
      },
      receipt: (event) => {
        at(event.conversationId).takeReceipt(event);
      },
      typing: (event) => {
        at(event.conversationId).takeTyping(event);
      },
      presence: (event) => {
        this.presence.heard(event);
      },
      resync: (event) => {
        this.sync.resync(event);
      },
      conversation: (event) => {
        this.#conversation(event);
      },
    };
    (handlers[name] as ((event: unknown) => void) | undefined)?.(payload);
  }

  #ready({ serverTime, userId, sessionId }: EventPayload<'ready'>): void {
    this.runtime.setServerTime(serverTime);
    const isOther = this.#self !== null && this.#self.userId !== userId;
    if (isOther) void this.#forget();
    this.#setSelf({ userId, sessionId });
    void this.#vault.open(userId).then(() => this.outbox.takeOver(userId));
    this.#marks.resume();
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
    const own = entry.senderId === this.selfId;
    for (const listener of this.entryListeners) listener({ entry, own });
  }

  #conversation(event: EventPayload<'conversation'>): void {
    if (event.action === 'added') {
      const { members, ...item } = event.conversation;
      this.sync.added(item.id);
      this.conversations.of(item.id).takeItem(item, members);
    } else if (event.action === 'removed') {
      this.gone(this.conversations.of(event.conversationId));
    } else {
      this.conversations.of(event.conversationId).takeSettings(event.settings);
    }
  }

  #lost(): void {
    this.requests.lost();
    this.presence.lost();
    for (const { typing } of this.conversations.all) typing.lost();
  }

  /** The session ended: others may hold this device now. What is unsent waits for the same person. */
  #signedOut(): void {
    this.#writer.clear();
    void this.#cache.clear();
  }

  /** Looks whether the connection still lives, or has one made. */
  async #probe(): Promise<void> {
    const { connection, requests } = this;
    connection.reconnect();
    if (!connection.isOnline || this.#isProbing) return;
    this.#isProbing = true;
    const isAlive = await requests.isAnswered(this.selfId, PROBE);
    this.#isProbing = false;
    if (!isAlive) connection.replace();
  }

  #setSelf(self: Self): void {
    this.#self = self;
    this.self.invalidate();
  }

  #save(): void {
    this.#writer.flush();
    this.#vault.flush();
  }

  /** Drops what is in memory of the person. */
  async #forget(): Promise<void> {
    this.#self = null;
    this.self.invalidate();
    this.conversations.clear();
    this.#drafts.clear();
    this.#writer.clear();
    await this.#cache.clear();
  }

  #createConnection(options: ClientOptions): Connection {
    return new Connection({
      runtime: this.runtime,
      url: options.url,
      path: options.path ?? '/socket.io',
      credentials: options.credentials,
      events: {
        event: (name, payload) => {
          this.#heard(name, payload);
        },
        lost: () => {
          this.#lost();
        },
        signedOut: () => {
          this.#signedOut();
        },
      },
    });
  }

  #createPresence(): PresenceWatch {
    const { runtime, requests, connection } = this;
    return new PresenceWatch({
      runtime,
      requests,
      isOnline: () => connection.isOnline,
      changed: (userId) => {
        for (const conversation of this.conversations.all) {
          if (conversation.state?.item.peer?.id === userId) conversation.changed();
        }
      },
    });
  }

  #createOutbox(): Outbox {
    return new Outbox({
      runtime: this.runtime,
      vault: this.#vault,
      adopted: (conversationId, pendings) => {
        this.conversations.of(conversationId).lane.adopt(pendings);
      },
    });
  }

  #createSync(): Synchroniser {
    const { runtime, requests, conversations, refresher, connection } = this;
    return new Synchroniser({
      runtime,
      requests,
      conversations,
      refresher,
      catchUp: this.#catchUp,
      isOpen: () => connection.isOnline,
      synced: () => {
        connection.setSynced();
      },
    });
  }

  #createWake(): Wake {
    return new Wake({
      runtime: this.runtime,
      woke: () => void this.#probe(),
      hidden: () => {
        this.#save();
      },
    });
  }

  #context(options: ClientOptions): ConversationContext {
    return {
      runtime: this.runtime,
      requests: this.requests,
      marks: this.#marks,
      outbox: this.outbox,
      presence: this.presence,
      profiles: this.profiles,
      drafts: this.#drafts,
      cache: this.#cache,
      windowEntries: options.windowEntries ?? WINDOW_ENTRIES,
      selfId: () => this.selfId,
      isOpen: () => this.connection.isOnline,
      changed: (conversation) => {
        this.#writer.changed(conversation);
        this.conversations.changed();
      },
      refresh: (conversation) => {
        this.refresher.soon(conversation);
      },
      catchUp: (conversation) => void this.#catchUp.run(conversation),
    };
  }
}
