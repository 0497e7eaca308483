import { connectRedis, waitForRedis, type Logger, type Redis } from '@parley/backend-common';

/** How a node speaks to the others. */
export interface RedisLink {
  /** For commands. */
  readonly commands: Redis;
  /** What the adapter of Socket.IO publishes with and listens with. */
  readonly adapterClients: readonly [publisher: unknown, subscriber: unknown];
  close(): void;
}

interface RedisLinkOptions {
  readonly url: string;
  readonly logger: Logger;
  /** A message that Redis did not take: it is lost. */
  readonly onUnpublished: (error: unknown) => void;
  /** A message from another node that could not be read. */
  readonly onFault: (error: unknown) => void;
  /** The link was lost and is back: what others said meanwhile was not heard. */
  readonly onReturn: () => void;
}

/** Connects to Redis and waits until it answers. @throws when it has not after a minute */
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
  subscriptions.on('ready', options.onReturn);
  return {
    commands,
    adapterClients: [publisherOf(commands, options), subscriberOf(subscriptions, options)],
    close,
  };
}

type Listener = (...heard: unknown[]) => unknown;

/** The adapter drops the promises of its clients: a refusal would end the process, so it ends here. */
function publisherOf(redis: Redis, { onUnpublished }: RedisLinkOptions): unknown {
  return {
    ...listenersOf(redis),
    publish: (channel: string, message: string | Buffer) => {
      redis.publish(channel, message).catch(onUnpublished);
    },
  };
}

/** Subscribes again whenever the link returns, also where the first attempt failed, and survives what cannot be read. */
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
    // Comes right before the connection is closed.
    punsubscribe: () => undefined,
    unsubscribe: () => undefined,
    on(event: string, listener: Listener) {
      const safe: Listener = (...heard) => {
        // Some of the adapter's listeners throw, some reject.
        new Promise((resolve) => resolve(listener.apply(redis, heard))).catch(onFault);
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
