import type { OperationCall } from '@parley/common/contract';

import { Cache } from './cache/cache.ts';
import { CacheWriter } from './cache/cache-writer.ts';
import type { Client, ClientOptions } from './client.ts';
import { Conversations } from './conversations/conversations.ts';
import { createHandle } from './conversations/handle.ts';
import type { ConversationHandle } from './conversations/types.ts';
import { Connection } from './core/connection.ts';
import { ConnectionProbe } from './core/connection-probe.ts';
import { Requests } from './core/requests.ts';
import { Runtime } from './core/runtime.ts';
import { SelfState } from './core/self.ts';
import { UserStorage } from './core/user-storage.ts';
import { WakeDetector } from './core/wake-detector.ts';
import { Drafts } from './drafts/drafts.ts';
import { Lifecycle } from './lifecycle.ts';
import { Outbox } from './outbox/outbox.ts';
import { OutboxStorage } from './outbox/outbox-storage.ts';
import { PresenceTracker } from './people/presence-tracker.ts';
import { Profiles } from './people/profiles.ts';
import { memoryPlatform } from './platform/memory.ts';
import { MarkSender } from './receipts/mark-sender.ts';
import { CatchUp } from './sync/catch-up.ts';
import { HeadSync } from './sync/head-sync.ts';
import { Refresher } from './sync/refresher.ts';

/** Makes a client. It does nothing until `start()`. */
export function createClient(options: ClientOptions): Client {
  const parts = createParts(createCore(options));
  const { connection, conversations, lifecycle, presence, profiles, requests, runtime } = parts;
  return {
    connection: connection.state,
    self: parts.self.readable,
    conversations: conversations.list,
    isLosing: parts.storage.isLosing,
    uploads: parts.uploads,
    start: () => lifecycle.start(),
    stop: () => lifecycle.stop(),
    reconnect: () => connection.reconnect(),
    signOut: () => lifecycle.signOut(),
    now: () => runtime.now(),
    ...createConversationCalls(parts),
    presence: (id) => presence.of(id),
    profile: (id) => profiles.of(id),
    onEntry: (listener) => conversations.events.on('live', listener),
    onEvent: (name, listener) => connection.server.on(name, listener),
    request: (name, input, requestOptions) => requests.call(name, input, requestOptions),
  };
}

type Core = ReturnType<typeof createCore>;
type Parts = ReturnType<typeof createParts>;

/** What every part of a client stands on. Each part takes those that it names. */
function createCore(options: ClientOptions) {
  const platform = { ...memoryPlatform(), ...options.platform };
  const runtime = new Runtime(platform);
  const base = { ...options, platform, runtime, self: new SelfState() };
  const connected = { ...base, connection: new Connection(base) };
  const probed = { ...connected, probe: new ConnectionProbe(connected) };
  return {
    ...probed,
    requests: new Requests(probed),
    storage: new UserStorage(platform.storage),
  };
}

/** The parts of a client, in the order in which they need each other. */
function createParts(core: Core) {
  const { runtime, storage } = core;
  const outboxStorage = new OutboxStorage({ ...core, owner: runtime.newClientId() });
  const refresher = new Refresher(core);
  const cache = new Cache(storage);
  const made = {
    ...core,
    cache,
    catchUp: new CatchUp({ ...core, refresher }),
    drafts: new Drafts(storage),
    marks: new MarkSender(core),
    outbox: new Outbox({ ...core, outboxStorage }),
    presence: new PresenceTracker(core),
    profiles: new Profiles({ ...core, cache }),
    refresher,
  };
  const listed = { ...made, conversations: new Conversations(made) };
  const cached = { ...listed, cacheWriter: new CacheWriter(listed) };
  new HeadSync(cached);
  const uploads = core.uploads?.(cached) ?? null;
  const wakeDetector = new WakeDetector(cached);
  return { ...cached, uploads, lifecycle: new Lifecycle({ ...cached, uploads, wakeDetector }) };
}

/** What a client does with its conversations. */
function createConversationCalls(
  parts: Parts,
): Pick<Client, 'conversation' | 'createDirect' | 'createGroup'> {
  const { conversations, requests, runtime } = parts;
  const handles = new Map<string, ConversationHandle>();
  const create = async (input: OperationCall<'conversation:create'>) => {
    const conversation = await requests.call('conversation:create', input);
    conversations.add(conversation);
    return conversation.id;
  };
  return {
    conversation: (id) => {
      const handle = handles.get(id) ?? createHandle(conversations.of(id), parts);
      handles.set(id, handle);
      return handle;
    },
    createDirect: (peerId) => create({ kind: 'direct', userId: peerId }),
    createGroup: ({ title, userIds }) =>
      create({ kind: 'group', title, userIds: [...userIds], clientId: runtime.newClientId() }),
  };
}
