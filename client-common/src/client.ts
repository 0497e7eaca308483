import type { OperationCall } from '@parley/common/contract';

import type { Client, ClientOptions } from './api/client.ts';
import type { ConversationHandle } from './api/conversation.ts';
import { createHandle } from './conversations/handle.ts';
import { Engine, type EventListener } from './engine.ts';

/** Makes a client. It does nothing until `start()`. */
export function createClient(options: ClientOptions): Client {
  const engine = new Engine(options);
  const { connection, self, conversations, runtime, presence, profiles, requests, uploads } =
    engine;
  return {
    connection: connection.state,
    self,
    conversations: conversations.list,
    uploads,
    start: () => engine.start(),
    stop: () => engine.stop(),
    reconnect: () => connection.reconnect(),
    signOut: () => engine.signOut(),
    now: () => runtime.now(),
    conversation: createHandles(engine),
    ...creating(engine),
    presence: (userId) => presence.of(userId),
    profile: (userId) => profiles.of(userId),
    onEntry: (listener) => listen(engine, 'live', listener),
    onEvent: (name, listener) => listen(engine, name, listener),
    request: (name, input, requestOptions) => requests.call(name, input, requestOptions),
  };
}

function listen(
  { listeners }: Engine,
  name: Parameters<EventListener>[0],
  listener: (payload: never) => void,
): () => void {
  const own: EventListener = (heard, payload) => {
    if (heard === name) listener(payload as never);
  };
  listeners.add(own);
  return () => listeners.delete(own);
}

function createHandles(engine: Engine): Client['conversation'] {
  const handles = new Map<string, ConversationHandle>();
  return (id) => {
    const handle = handles.get(id) ?? createHandle(engine.conversations.of(id), engine);
    handles.set(id, handle);
    return handle;
  };
}

function creating({
  requests,
  runtime,
  sync,
}: Engine): Pick<Client, 'createDirect' | 'createGroup'> {
  const create = async (input: OperationCall<'conversation:create'>) => {
    const conversation = await requests.call('conversation:create', input);
    sync.take(conversation);
    return conversation.id;
  };
  return {
    createDirect: (userId) => create({ kind: 'direct', userId }),
    createGroup: ({ title, userIds }) => {
      const clientId = runtime.newClientId();
      return create({ kind: 'group', title, userIds: [...userIds], clientId });
    },
  };
}
