import type {
  Client,
  ConnectionState,
  ConversationList,
  LiveEntry,
  Self,
  Uploads,
} from '@parley/client-common';
import type {
  EventName,
  EventPayload,
  Member,
  Presence,
  PublicProfile,
} from '@parley/common/contract';

import { idOf } from './builders.ts';
import { FakeConversation, type FakeConversationOptions, SELF } from './fake-conversation.ts';
import { ReadableValue } from './readable-value.ts';

export type FakeConversationSeed = Omit<FakeConversationOptions, 'selfId' | 'now' | 'changed'>;

export interface FakeClientOptions {
  readonly conversations?: readonly FakeConversationSeed[];
  readonly people?: readonly PublicProfile[];
  readonly presences?: readonly Presence[];
  readonly now: () => number;
}

/** A client without a server: it keeps everything in memory, and a test can change it. */
export class FakeClient implements Client {
  readonly connection = new ReadableValue<ConnectionState>({ status: 'online', synced: true });
  readonly self = new ReadableValue<Self | null>({
    ...{ userId: SELF, sessionId: idOf(99), attachments: true },
  });
  readonly conversations: ReadableValue<ConversationList>;
  readonly isLosing = new ReadableValue(false);
  uploads: Uploads | null = null;
  readonly now: () => number;
  readonly #handles = new Map<string, FakeConversation>();
  readonly #profiles = new Map<string, ReadableValue<PublicProfile | null>>();
  readonly #presences = new Map<string, ReadableValue<Presence>>();
  readonly #listeners = new Set<(live: LiveEntry) => void>();
  readonly #eventListeners = new Map<EventName, Set<(payload: never) => void>>();

  constructor(options: FakeClientOptions) {
    this.now = options.now;
    for (const profile of options.people ?? []) this.#profile(profile.id).set(profile);
    for (const presence of options.presences ?? []) this.#presence(presence.userId).set(presence);
    for (const seed of options.conversations ?? []) {
      if (seed.info !== null) this.#handles.set(seed.info.id, this.#make(seed.info.id, seed));
    }
    this.conversations = new ReadableValue<ConversationList>(this.#list());
  }

  start(): void {
    // Nothing to load.
  }

  stop(): void {
    // Nothing to stop.
  }

  reconnect(): void {
    this.connection.set({ status: 'online', synced: true });
  }

  signOut = () => Promise.resolve();

  conversation(id: string): FakeConversation {
    const known = this.#handles.get(id) ?? this.#make(id, { info: null });
    this.#handles.set(id, known);
    return known;
  }

  createDirect(userId: string): Promise<string> {
    const found = [...this.#handles.values()].find(({ info }) => info.get()?.peer?.id === userId);
    return Promise.resolve(found?.id ?? idOf(500));
  }

  createGroup = () => Promise.resolve(idOf(501));

  presence = (userId: string) => this.#presence(userId);
  profile = (userId: string) => this.#profile(userId);

  onEntry(listener: (live: LiveEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onEvent<Name extends EventName>(
    name: Name,
    listener: (payload: EventPayload<Name>) => void,
  ): () => void {
    const listeners = this.#eventListeners.get(name) ?? new Set();
    this.#eventListeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  request(): Promise<never> {
    return Promise.reject(new Error('There is no server'));
  }

  #make(id: string, seed: FakeConversationSeed): FakeConversation {
    return new FakeConversation(id, {
      ...seed,
      selfId: SELF,
      now: this.now,
      changed: () => this.conversations.set(this.#list()),
    });
  }

  #list(): ConversationList {
    const conversations = [...this.#handles.values()]
      .flatMap(({ info }) => info.get() ?? [])
      .sort((a, b) => Number(b.settings.pinned) - Number(a.settings.pinned) || b.lastAt - a.lastAt);
    const unread = conversations.filter(({ unreadCount }) => unreadCount > 0).length;
    return { status: 'ready', conversations, unread };
  }

  #profile(id: string): ReadableValue<PublicProfile | null> {
    const known = this.#profiles.get(id) ?? new ReadableValue<PublicProfile | null>(null);
    this.#profiles.set(id, known);
    return known;
  }

  #presence(userId: string): ReadableValue<Presence> {
    const unknown = { userId, online: null, lastSeenAt: null };
    const known = this.#presences.get(userId) ?? new ReadableValue<Presence>(unknown);
    this.#presences.set(userId, known);
    return known;
  }
}

export function member(profile: PublicProfile, role: Member['role'], joinedSeq = 1): Member {
  return { userId: profile.id, role, joinedAt: 0, joinedSeq, profile };
}
