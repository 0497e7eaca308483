import { connectRedis, type Redis } from '@parley/backend-common';

import { Subscriptions } from './subscriptions.ts';

/** The connections of a node to Redis. */
export interface RedisLink {
  /** For commands. */
  readonly commands: Redis;
  /** The clients of the Socket.IO adapter. */
  readonly adapterClients: readonly [publisher: unknown, subscriber: unknown];
  /** Publishes a message. If that fails, the message is lost. */
  publish(channel: string, message: string): void;
  /** Listens to a channel over the connection of the adapter. */
  subscribe(channel: string, listener: (message: string) => void): void;
  /** Connects, and reconnects until the link is closed. */
  connect(): void;
  /** Replaces connections that are open but carry nothing. */
  reconnect(): void;
  close(): void;
}

interface RedisLinkOptions {
  readonly url: string;
  /** Called when a message could not be published and is lost. */
  readonly onUnpublished: (error: unknown) => void;
  /** Called when a message of another node cannot be read. */
  readonly onFault: (error: unknown) => void;
  /** Called with an error of a connection, which is then opened again. */
  readonly onError: (error: unknown) => void;
  /** Called when both connections are open and the subscriber has all its subscriptions. */
  readonly onOpen: () => void;
  /** Called when the connection of the subscriber has ended. */
  readonly onLost: () => void;
}

/** Creates the connections of a node to Redis without opening them. */
export function createRedisLink(options: RedisLinkOptions): RedisLink {
  const { onError, onLost, onOpen, url } = options;
  const commands = connectRedis({ url, name: 'parley-messaging' });
  const subscriber = connectRedis({ url, name: 'parley-messaging-subscriber' });
  const subscriptions = new Subscriptions(subscriber);
  let isComplete = false;
  const notifyIfOpen = () => {
    if (isComplete && commands.status === 'ready') onOpen();
  };
  subscriptions.onComplete(() => {
    isComplete = true;
    notifyIfOpen();
  });
  commands.on('ready', notifyIfOpen);
  subscriber.on('close', () => {
    isComplete = false;
    onLost();
  });
  for (const client of [commands, subscriber]) client.on('error', onError);
  return {
    commands,
    adapterClients: [
      publisherOf(commands, options),
      subscriberOf(subscriber, subscriptions, options),
    ],
    publish: (channel, message) => void commands.publish(channel, message).catch(() => undefined),
    subscribe(channel, listener) {
      listen(subscriber, channel, { listener, onFault: options.onFault });
      subscriptions.add('subscribe', [channel]);
    },
    connect: () => connectAll([commands, subscriber]),
    reconnect() {
      for (const client of [commands, subscriber]) {
        if (CONNECTED.has(client.status)) client.disconnect(true);
      }
      connectAll([commands, subscriber]);
    },
    close() {
      commands.disconnect();
      subscriber.disconnect();
    },
  };
}

/** States of a client that has a connection. */
const CONNECTED: ReadonlySet<string> = new Set(['connect', 'ready']);
/** States in which a client does not connect by itself. */
const UNCONNECTED: ReadonlySet<string> = new Set(['wait', 'end']);

function connectAll(clients: readonly Redis[]): void {
  for (const client of clients) {
    // A failure is reported as an event, and the client tries again.
    if (UNCONNECTED.has(client.status)) client.connect().catch(() => undefined);
  }
}

type Listener = (...args: unknown[]) => unknown;

/** Listens to one channel. Compares bytes, because decoding the channel of each message would cost more than the rest. */
function listen(
  redis: Redis,
  channel: string,
  {
    listener,
    onFault,
  }: Pick<RedisLinkOptions, 'onFault'> & {
    readonly listener: (message: string) => void;
  },
): void {
  const wanted = Buffer.from(channel);
  redis.on('messageBuffer', (given: Buffer, message: Buffer) => {
    if (given.length !== wanted.length || !given.equals(wanted)) return;
    try {
      listener(message.toString());
    } catch (error) {
      onFault(error);
    }
  });
}

/** The adapter does not handle the promises of its clients, so a rejection would end the process: it is caught here. */
function publisherOf(redis: Redis, { onUnpublished }: RedisLinkOptions): unknown {
  return {
    ...listenersOf(redis),
    publish: (channel: string, message: string | Buffer) => {
      redis.publish(channel, message).catch(onUnpublished);
    },
  };
}

/** Keeps the subscriptions of the adapter, and catches what it throws. */
function subscriberOf(
  redis: Redis,
  subscriptions: Subscriptions,
  { onFault }: RedisLinkOptions,
): unknown {
  const wrapped = new Map<Listener, Listener>();
  const subscribe = (command: 'psubscribe' | 'subscribe') => (channels: string | string[]) => {
    subscriptions.add(command, [channels].flat());
  };
  return {
    ...listenersOf(redis),
    psubscribe: subscribe('psubscribe'),
    subscribe: subscribe('subscribe'),
    // The adapter calls these right before the connection is closed.
    punsubscribe: () => undefined,
    unsubscribe: () => undefined,
    on(event: string, listener: Listener) {
      const safe: Listener = (...args) => {
        // Some listeners of the adapter throw, some reject.
        new Promise((resolve) => resolve(listener.apply(redis, args))).catch(onFault);
      };
      wrapped.set(listener, safe);
      redis.on(event, safe);
    },
    off(event: string, listener: Listener) {
      redis.off(event, wrapped.get(listener) ?? listener);
    },
  };
}

function listenersOf(redis: Redis) {
  return {
    on: (event: 'error', listener: Listener) => redis.on(event, listener),
    off: (event: 'error', listener: Listener) => redis.off(event, listener),
  };
}
