import { randomUUID } from 'node:crypto';
import type { Logger } from '@parley/backend-common';

import { foregroundKey } from '../transport/rooms/names.ts';
import type { SocketRegistry } from '../transport/server/socket-registry.ts';
import type { FirebaseOptions } from '../push/senders/firebase-sender.ts';
import { Foreground } from '../foreground/foreground-tracker.ts';
import { LogSender } from '../push/senders/logging-sender.ts';
import { OutboxRepository } from '../push/outbox/outbox-repository.ts';
import { Pending } from '../push/scheduling/pending-deliveries.ts';
import type { PushSender } from '../push/ports.ts';
import { ReadNoter } from '../push/read-receipt-recorder.ts';
import type { Followers } from '../conversations/ports.ts';
import { RedisPresenceStore } from '../presence/store.ts';
import type { Ground } from './ground.ts';
import type { Nodes } from './nodes.ts';

/** What pushes stand on; made before conversations, which tell it what they acknowledge. */
export interface PushGround {
  readonly outbox: OutboxRepository;
  readonly pending: Pending;
  readonly foreground: Foreground;
  readonly followers: Followers;
  /** Calls `listener` when something may be due. */
  readonly onDue: (listener: () => void) => void;
  /** Says that something may be due. */
  readonly due: () => void;
}

type Parts = Pick<Nodes, 'nodeId' | 'redis' | 'onReturn'> & { readonly sockets: SocketRegistry };

/** Prepares what takes note of messages and receipts. */
export function preparePushes(ground: Ground, parts: Parts): PushGround {
  const { config, mongo, now, onFault, resources } = ground;
  const outbox = new OutboxRepository(mongo.db, config.pushAfter);
  const pending = new Pending(now);
  let listener: () => void = () => undefined;
  const due = () => listener();
  const reads = new ReadNoter({ outbox, onFault, onScheduled: due });
  resources.defer('readings', () => reads.flush());
  return {
    ...{ outbox, pending, due },
    foreground: createForeground(ground, parts),
    followers: {
      sent(document) {
        if (document.kind === 'message') pending.note(document);
      },
      raised({ conversationId, deliveredSeq, userId }) {
        pending.acknowledge(conversationId, userId, deliveredSeq);
      },
      read: (read) => reads.note(read),
    },
    onDue(given) {
      listener = given;
    },
  };
}

function createForeground(
  { logger, now, resources }: Ground,
  { nodeId, onReturn, redis, sockets }: Parts,
): Foreground {
  const store =
    redis === undefined
      ? undefined
      : new RedisPresenceStore({ redis: redis.commands, nodeId, now, keyOf: foregroundKey });
  const foreground = new Foreground({ sockets, store, now, logger });
  foreground.start();
  resources.defer('foreground', () => foreground.stop());
  onReturn(() => void foreground.renew());
  return foreground;
}

/** What sends pushes: Firebase where there are credentials, else the log, and that is said. */
export async function openSender({ config, logger, overrides }: Ground): Promise<PushSender> {
  if (overrides.pushSender !== undefined) return overrides.pushSender;
  const credential = config.firebaseCredentials;
  if (credential === undefined) return logged(logger);
  return openFirebaseSender({ credential });
}

/** What sends pushes through Firebase. Loaded where it is needed: it takes as much memory as the rest of the service. */
export async function openFirebaseSender(options: FirebaseOptions): Promise<PushSender> {
  const { createFirebaseSender } = await import('../push/senders/firebase-sender.ts');
  return createFirebaseSender(options);
}

/** Names one claim of the outbox. */
export function newClaim(): string {
  return randomUUID();
}

function logged(logger: Logger): PushSender {
  logger.warn(
    'Pushes are logged and not sent: GOOGLE_APPLICATION_CREDENTIALS names no service account of Firebase',
  );
  return new LogSender({ logger });
}
