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
// eslint-disable-next-line max-lines-per-function -- The composition root: each function more costs bytes in every app.
export function createClient(options: ClientOptions): Client {
  const { loadProfile, userId, windowEntries } = options;
  const platform = { ...memoryPlatform(), ...options.platform };
  const runtime = new Runtime(platform);
  const self = new SelfState();
  const connection = new Connection({ options, platform, runtime });
  const probe = new ConnectionProbe({ connection, runtime, self });
  const requests = new Requests({ connection, probe, runtime });
  const storage = new UserStorage(platform.storage);
  const cache = new Cache(storage);
  const drafts = new Drafts(storage);
  const owner = runtime.newClientId();
  const outboxStorage = new OutboxStorage({ owner, platform, storage });
  const outbox = new Outbox({ connection, requests, runtime, storage: outboxStorage });
  const marks = new MarkSender({ connection, requests, runtime });
  const presence = new PresenceTracker({ connection, requests, runtime });
  const profiles = new Profiles({ connection, loadProfile });
  const refresher = new Refresher({ connection, requests, runtime });
  const catchUp = new CatchUp({ connection, refresher, requests, runtime });
  const conversations = new Conversations({
    cache,
    catchUp,
    connection,
    drafts,
    marks,
    outbox,
    presence,
    profiles,
    refresher,
    requests,
    runtime,
    self,
    windowEntries,
  });
  const items = (count: number) => conversations.items(count);
  const cacheWriter = new CacheWriter({ cache, items, runtime });
  conversations.events.on('changed', (conversation) => cacheWriter.changed(conversation));
  new HeadSync({ catchUp, connection, conversations, refresher, requests, runtime });
  const uploads =
    options.uploads?.({ connection, conversations, outbox, probe, requests, runtime, storage }) ??
    null;
  const woke = () => probe.check();
  const hidden = () => cacheWriter.flush();
  const wakeDetector = new WakeDetector({ hidden, platform, runtime, woke });
  const lifecycle = new Lifecycle({
    cacheWriter,
    connection,
    conversations,
    outbox,
    runtime,
    self,
    storage,
    uploads,
    userId,
    wakeDetector,
  });
  const handleDeps = { refresher, requests, runtime, self };
  const handles = new Map<string, ConversationHandle>();
  const create = async (input: OperationCall<'conversation:create'>) => {
    const conversation = await requests.call('conversation:create', input);
    conversations.add(conversation);
    return conversation.id;
  };
  return {
    connection: connection.state,
    self: self.readable,
    conversations: conversations.list,
    uploads,
    start: () => lifecycle.start(),
    stop: () => lifecycle.stop(),
    reconnect: () => connection.reconnect(),
    signOut: () => lifecycle.signOut(),
    now: () => runtime.now(),
    conversation: (id) => {
      const handle = handles.get(id) ?? createHandle(conversations.of(id), handleDeps);
      handles.set(id, handle);
      return handle;
    },
    createDirect: (peerId) => create({ kind: 'direct', userId: peerId }),
    createGroup: ({ title, userIds }) =>
      create({ kind: 'group', title, userIds: [...userIds], clientId: runtime.newClientId() }),
    presence: (id) => presence.of(id),
    profile: (id) => profiles.of(id),
    onEntry: (listener) => conversations.events.on('live', listener),
    onEvent: (name, listener) => connection.server.on(name, listener),
    request: (name, input, requestOptions) => requests.call(name, input, requestOptions),
  };
}
