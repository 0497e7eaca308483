import { randomBytes } from 'node:crypto';
import {
  RevocationPoller,
  SessionReader,
  SessionVerifier,
  type Caller,
  type Db,
  type Logger,
  type Metrics,
  type PeriodicMetrics,
  type Redis,
  type ServiceTokens,
} from '@parley/backend-common';
import type { Now } from '@parley/common';

import type { Module } from '../module.ts';
import { SessionActivity } from './activity.ts';
import { RedisAnnouncer, silentAnnouncer } from './announcer.ts';
import { SessionRepository } from './repository.ts';
import { SessionService } from './service.ts';

interface SessionsModuleDeps {
  readonly db: Db;
  readonly tokens: ServiceTokens;
  /** Absent if there is no Redis; other services then read revocations only from the database. */
  readonly redis: Redis | undefined;
  readonly now: Now;
  readonly newId: () => string;
  readonly metrics: Metrics;
  readonly periodicMetrics: PeriodicMetrics;
  readonly logger: Logger;
}

type SessionOperation = 'auth:logout' | 'session:list' | 'session:revoke' | 'session:revoke-others';

export interface SessionsModule extends Module<SessionOperation> {
  readonly sessions: SessionService;
  /** The caller that a bearer token stands for; records the use of its session. @throws AppError */
  authenticate(bearer: string | undefined): Promise<Caller>;
}

/** Creating, verifying, listing and revoking sessions. */
export function createSessionsModule(deps: SessionsModuleDeps): SessionsModule {
  const { db, logger, metrics, newId, now, periodicMetrics, redis, tokens } = deps;
  const repository = new SessionRepository(db);
  const reader = new SessionReader(db);
  const verifier = new SessionVerifier({ sessions: reader, tokens, audience: 'auth', now });
  const revocations = new RevocationPoller({
    sessions: reader,
    now,
    metrics: periodicMetrics,
    logger,
    onRevoked: (ids) => verifier.forget(ids),
  });
  const activity = new SessionActivity({ repository, now, metrics: periodicMetrics, logger });
  const announcer = redis === undefined ? silentAnnouncer : new RedisAnnouncer({ redis, logger });
  const sessions = new SessionService({
    repository,
    activity,
    now,
    createId: newId,
    createToken: () => randomBytes(32).toString('base64url'),
    onRevoked: (sessionIds) => {
      verifier.forget(sessionIds);
      announcer.announce(sessionIds);
    },
    created: metrics.counter('parley_sessions_created_total', 'Sessions created'),
    revoked: metrics.counter('parley_sessions_revoked_total', 'Sessions ended by their user'),
  });
  return {
    name: 'sessions',
    sessions,
    handlers: createHandlers(sessions),
    async authenticate(bearer) {
      const caller = await verifier.verifyBearer(bearer);
      sessions.noteUse(caller.sessionId);
      return caller;
    },
    start() {
      revocations.start();
      activity.start();
    },
    async stop() {
      await activity.stop();
      await revocations.stop();
    },
  };
}

function createHandlers(sessions: SessionService): SessionsModule['handlers'] {
  return {
    'auth:logout': async (_, { caller }) => {
      await sessions.revoke(caller.userId, caller.sessionId);
      return {};
    },
    'session:list': async (_, { caller }) => ({ sessions: await sessions.list(caller) }),
    'session:revoke': async ({ id }, { caller }) => {
      await sessions.revoke(caller.userId, id);
      return {};
    },
    'session:revoke-others': async (_, { caller }) => {
      await sessions.revokeOthers(caller);
      return {};
    },
  };
}
