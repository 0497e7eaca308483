import { connectRedis, waitForRedis, type Logger, type Redis } from '@parley/backend-common';

import { SettableLink, type LinkState } from './link-state.ts';

/** The connections of a node to Redis. */
export interface RedisLink {
  /** For commands. */
  readonly commands: Redis;
  /** The clients of the Socket.IO adapter. */
  readonly adapterClients: readonly [publisher: unknown, subscriber: unknown];
  /** Whether the connection of the subscriber is open. */
  readonly state: LinkState;
  close(): void;
}

interface RedisLinkOptions {
  readonly url: string;
  readonly logger: Logger;
  /** A message that could not be published: it is lost. */
  readonly onUnpublished: (error: unknown) => void;
  /** A message of another node that could not be read. */
  readonly onFault: (error: unknown) => void;
}

/** Connects to Redis and waits until it answers. @throws when it does not answer within a minute */
export async function openRedisLink(options: RedisLinkOptions): Promise<RedisLink> {
  const { logger, url } = options;
  const commands = connectRedis({ url, name: 'parley-messaging', logger });
  const subscriptions = connectRedis({ url, name: 'parley-messaging-subscriber', logger });
  const close = () => {
    commands.disconnect();
    subscriptions.disconnect();
  };
  try {
    logger.debug('Waiting for Redis to answer');
    await Promise.all([waitForRedis(commands), waitForRedis(subscriptions)]);
  } catch (error) {
    close();
    throw error;
  }
  const state = new SettableLink(true);
  subscriptions.on('ready', () => state.set(true));
  subscriptions.on('close', () => state.set(false));
  return {
    commands,
    state,
    adapterClients: [publisherOf(commands, options), subscriberOf(subscriptions, options)],
    close,
  };
}

type Listener = (...args: unknown[]) => unknown;

/** The adapter does not handle the promises of its clients, so a rejection would end the process: it is caught here. */
function publisherOf(redis: Redis, { onUnpublished }: RedisLinkOptions): unknown {
  return {
    ...listenersOf(redis),
    publish: (channel: string, message: string | Buffer) => {
      redis.publish(channel, message).catch(onUnpublished);
    },
  };
}

/** Subscribes again whenever the connection is back, also after a failed attempt, and catches what the adapter throws. */
function subscriberOf(redis: Redis, { onFault }: RedisLinkOptions): unknown {
  const wrapped = new Map<Listener, Listener>();
  const subscribe = (command: 'psubscribe' | 'subscribe') => (channels: string | string[]) => {
    const attempt = () => void redis[command](...[channels].flat()).catch(() => undefined);
    redis.on('ready', attempt);
    attempt();
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
