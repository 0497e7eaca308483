import type { OperationCall } from '@parley/common/contract';

import type { Client, ClientOptions } from './api/client.ts';
import type { ConversationHandle } from './api/conversation.ts';
import { createHandle } from './conversations/handle.ts';
import { Engine } from './engine.ts';

type CreateCall = OperationCall<'conversation:create'>;

/** Makes a client. It does nothing until `start()`. */
export function createClient(options: ClientOptions): Client {
  const engine = new Engine(options);
  return {
    connection: engine.connection.state,
    self: engine.self,
    conversations: engine.conversations.list,
    start: () => {
      engine.start();
    },
    stop: () => {
      engine.stop();
    },
    reconnect: () => {
      engine.connection.reconnect();
    },
    signOut: () => engine.signOut(),
    now: () => engine.runtime.now(),
    conversation: createHandles(engine),
    ...creating(engine),
    presence: (userId) => engine.presence.of(userId),
    profile: (userId) => engine.profiles.of(userId),
    onEntry: (listener) => {
      engine.entryListeners.add(listener);
      return () => {
        engine.entryListeners.delete(listener);
      };
    },
    request: (name, input, requestOptions) => engine.requests.call(name, input, requestOptions),
  };
}

function createHandles(engine: Engine): Client['conversation'] {
  const handles = new Map<string, ConversationHandle>();
  const { runtime, requests, outbox, refresher } = engine;
  const deps = {
    runtime,
    requests,
    outbox,
    refresher,
    selfId: () => engine.selfId,
    gone: engine.gone.bind(engine),
  };
  return (id) => {
    const handle = handles.get(id) ?? createHandle(engine.conversations.of(id), deps);
    handles.set(id, handle);
    return handle;
  };
}

function creating(engine: Engine): Pick<Client, 'createDirect' | 'createGroup'> {
  const create = async (input: CreateCall) => {
    const { members, ...item } = await call(input);
    engine.sync.added(item.id);
    engine.conversations.of(item.id).takeItem(item, members);
    return item.id;
  };
  const call = (input: CreateCall) => engine.requests.call('conversation:create', input);
  return {
    createDirect: (userId) => create({ kind: 'direct', userId }),
    createGroup: ({ title, userIds }) => {
      const clientId = engine.runtime.newClientId();
      return create({ kind: 'group', title, userIds: [...userIds], clientId });
    },
  };
}
