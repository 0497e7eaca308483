import { connectRedis, type Redis } from '@parley/backend-common';

import { Subscriptions } from './subscriptions.ts';

/** The connections of a node to Redis. */
export interface RedisLink {
  /** For commands. */
  readonly commands: Redis;
  /** The clients of the Socket.IO adapter. */
  readonly adapterClients: readonly [publisher: unknown, subscriber: unknown];
  /** Publishes a message. @throws when Redis cannot be reached; then the message is lost */
  publish(channel: string, message: string): Promise<unknown>;
  /** Listens to a channel over the connection of the adapter, which gets none of its messages. */
  subscribe(channel: string, listener: (message: Buffer) => void): void;
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
  const channels = new OwnChannels(subscriber, options.onFault);
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
      subscriberOf(subscriber, { subscriptions, channels }, options),
    ],
    publish: (channel, message) => commands.publish(channel, message),
    subscribe(channel, listener) {
      channels.add(channel, listener);
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

/** The channels that the adapter does not know. Names are compared as bytes: decoding each would cost more than the rest. */
class OwnChannels {
  readonly #channels: { readonly name: Buffer; readonly listener: (message: Buffer) => void }[] =
    [];

  constructor(redis: Redis, onFault: RedisLinkOptions['onFault']) {
    redis.on('messageBuffer', (channel: Buffer, message: Buffer) => {
      try {
        this.#find(channel)?.listener(message);
      } catch (error) {
        onFault(error);
      }
    });
  }

  add(channel: string, listener: (message: Buffer) => void): void {
    this.#channels.push({ name: Buffer.from(channel), listener });
  }

  has(channel: unknown): boolean {
    return Buffer.isBuffer(channel) && this.#find(channel) !== undefined;
  }

  #find(channel: Buffer) {
    return this.#channels.find(
      ({ name }) => name.length === channel.length && name.equals(channel),
    );
  }
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
  {
    channels,
    subscriptions,
  }: { readonly channels: OwnChannels; readonly subscriptions: Subscriptions },
  { onFault }: RedisLinkOptions,
): unknown {
  const wrapped = new Map<Listener, Listener>();
  const subscribe = (command: 'psubscribe' | 'subscribe') => (names: string | string[]) => {
    subscriptions.add(command, [names].flat());
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
        if (event === 'messageBuffer' && channels.has(args[0])) return;
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
