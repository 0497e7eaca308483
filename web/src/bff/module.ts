import {
  RevocationPoller,
  ServiceTokens,
  SessionReader,
  SessionVerifier,
  type HttpState,
  type Logger,
  type Mongo,
  type PeriodicMetrics,
  type Secrets,
  type TokenBuckets,
} from '@parley/backend-common';
import type { Now } from '@parley/common';
import type { Middleware } from 'koa';

import type { WebMetrics } from '../metrics.ts';
import type { Upstreams } from '../proxy/module.ts';
import type { OwnOrigin } from '../proxy/own-origin.ts';
import type { Relay } from '../proxy/relay.ts';
import { countCspReports } from './csp-reports.ts';
import { pageGuard } from './page-guard.ts';
import { bffRoutes } from './routes.ts';
import { SessionCookie } from './session-cookie.ts';
import { SignIn } from './sign-in.ts';
import { giveTicket } from './tickets.ts';
import { WebSessions } from './web-sessions.ts';

/** What the cookie side is built from. */
export interface BffModuleDeps {
  /** Absent if limits are switched off. */
  readonly buckets: TokenBuckets | undefined;
  readonly db: Mongo['db'];
  readonly logger: Logger;
  readonly metrics: WebMetrics;
  readonly now: Now;
  readonly own: OwnOrigin;
  readonly periodicMetrics: PeriodicMetrics;
  readonly relay: Relay;
  /** Signs the tokens that services accept. */
  readonly secrets: Secrets;
  readonly upstreams: Upstreams;
}

/** The backend for our own frontend: operations for the session of a cookie. */
export interface BffModule {
  readonly middleware: Middleware<HttpState>;
  /** Begins to watch for revoked sessions. */
  start(): void;
  stop(): Promise<void> | void;
}

/** Builds the cookie side. */
export function createBffModule(deps: BffModuleDeps): BffModule {
  const { buckets, logger, metrics, now, own, relay, upstreams } = deps;
  const reader = new SessionReader(deps.db);
  const tokens = new ServiceTokens({ ...deps.secrets, now });
  const verifier = new SessionVerifier({ sessions: reader, tokens, audience: 'auth', now });
  const revocations = new RevocationPoller({
    sessions: reader,
    metrics: deps.periodicMetrics,
    now,
    logger,
    onRevoked: (ids) => verifier.forget(ids),
  });
  const cookie = new SessionCookie({ own, now });
  const sessions = new WebSessions({ cookie, verifier, tokens });
  return {
    middleware: bffRoutes({
      cspReport: countCspReports({ buckets, logger, metrics }),
      guard: pageGuard({ own, metrics }),
      relay,
      sessions,
      signIn: new SignIn({ auth: upstreams.auth, cookie, relay, sessions, logger }),
      ticket: giveTicket({ buckets, cookie, sessions }),
      upstreams,
    }),
    start: () => revocations.start(),
    stop: () => revocations.stop(),
  };
}
