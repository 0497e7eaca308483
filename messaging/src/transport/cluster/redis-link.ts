import { connectRedis, type Redis } from '@parley/backend-common';

import { Subscriptions } from './subscriptions.ts';

/** The connections of a node to Redis. */
export interface RedisLink {
  /** For commands. */
  readonly commands: Redis;
  /** The clients of the Socket.IO adapter. */
  readonly adapterClients: readonly [publisher: unknown, subscriber: unknown];
  /** Publishes a message; one that cannot be published is lost. */
  publish(channel: string, message: string): void;
  /** Listens to a channel over the connection of the adapter. */
  subscribe(channel: string, listener: (message: string) => void): void;
  /** Begins to connect, and goes on until the link is closed. */
  connect(): void;
  /** Replaces the connections, which are open and carry nothing. */
  reconnect(): void;
  close(): void;
}

interface RedisLinkOptions {
  readonly url: string;
  /** A message that could not be published: it is lost. */
  readonly onUnpublished: (error: unknown) => void;
  /** A message of another node that could not be read. */
  readonly onFault: (error: unknown) => void;
  /** A fault of a connection, which is made again. */
  readonly onError: (error: unknown) => void;
  /** Both connections are open, and the subscriber has all its subscriptions. */
  readonly onOpen: () => void;
  /** The connection of the subscriber has ended. */
  readonly onLost: () => void;
}

/** The connections of a node to Redis, before they are opened. */
export function createRedisLink(options: RedisLinkOptions): RedisLink {
  const { onError, onLost, onOpen, url } = options;
  const commands = connectRedis({ url, name: 'parley-messaging' });
  const subscriber = connectRedis({ url, name: 'parley-messaging-subscriber' });
  const subscriptions = new Subscriptions(subscriber);
  let isComplete = false;
  const announce = () => {
    if (isComplete && commands.status === 'ready') onOpen();
  };
  subscriptions.onComplete(() => {
    isComplete = true;
    announce();
  });
  commands.on('ready', announce);
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
        if (OPEN.has(client.status)) client.disconnect(true);
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
const OPEN: ReadonlySet<string> = new Set(['connect', 'ready']);
/** States in which a client does not connect by itself. */
const AT_REST: ReadonlySet<string> = new Set(['wait', 'end']);

function connectAll(clients: readonly Redis[]): void {
  for (const client of clients) {
    // A failure is reported as an event, and the client tries again.
    if (AT_REST.has(client.status)) client.connect().catch(() => undefined);
  }
}

type Listener = (...args: unknown[]) => unknown;

/** Compares bytes, because decoding the channel of each message would cost more than the rest. */
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
