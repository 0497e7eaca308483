import { randomBytes } from 'node:crypto';
import {
  deriveKey,
  type Db,
  type Logger,
  type Metrics,
  type TokenBuckets,
  type Transact,
} from '@parley/backend-common';
import type { Administrators } from '@parley/backend-common/domain';
import type { Now } from '@parley/common';

import type { Module } from '../module.ts';
import type { UserRepository } from '../profiles/repository.ts';
import type { SessionService } from '../sessions/service.ts';
import { AccountCreation } from './account-creation.ts';
import { AccountDeletion } from './deletion.ts';
import { HashQueue } from './hash-queue.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { PasswordReset } from './password-reset.ts';
import { PasswordResetRepository } from './reset-repository.ts';
import { AccountService } from './service.ts';
import { ThrottleRepository } from './throttle-repository.ts';
import { LoginThrottle } from './throttle.ts';

interface AccountsModuleDeps {
  readonly db: Db;
  readonly transact: Transact;
  readonly users: UserRepository;
  readonly sessions: SessionService;
  readonly hasher: PasswordHasher;
  /** Number of password hashes that are computed at the same time. */
  readonly hashConcurrency: number;
  readonly registration: 'open' | 'closed';
  readonly administrators: Pick<Administrators, 'lists'>;
  /** The origin of the web app, if it is known. */
  readonly publicOrigin: string | undefined;
  /** The key of the throttle is derived from it. */
  readonly secret: string;
  /** Counts requests per address; absent if the limits per address are off. */
  readonly requests: TokenBuckets | undefined;
  readonly now: Now;
  readonly newId: () => string;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

type AccountOperation =
  'auth:register' | 'auth:login' | 'auth:password' | 'auth:password-reset' | 'me:delete';

export interface AccountsModule extends Module<AccountOperation> {
  readonly creation: AccountCreation;
  readonly deletion: AccountDeletion;
  readonly passwordReset: PasswordReset;
}

const createToken = () => randomBytes(32).toString('base64url');

/** Registering, logging in, changing and resetting the password, and deleting the account. Computes one hash before it resolves. */
export async function createAccountsModule(deps: AccountsModuleDeps): Promise<AccountsModule> {
  const { hasher, logger, metrics, newId, now, registration, sessions, users } = deps;
  const queue = new HashQueue({ concurrency: deps.hashConcurrency });
  metrics.observed(
    'parley_hash_queue_depth',
    'Password hashes waiting or being computed',
    () => queue.depth,
  );
  const throttle = new LoginThrottle({
    repository: new ThrottleRepository(deps.db),
    key: deriveKey(deps.secret, 'login-throttle'),
    now,
    requests: deps.requests,
  });
  const decoyHash = await hasher.hash(createToken());
  const accounts = new AccountService({
    users,
    sessions,
    hasher,
    queue,
    throttle,
    registration,
    administrators: deps.administrators,
    decoyHash,
    now,
    createId: newId,
    logger,
    logins: metrics.counter('parley_logins_total', 'Logins by result', {
      result: ['ok', 'wrong', 'suspended', 'throttled', 'busy', 'failed'],
    }),
  });
  const { publicOrigin, transact } = deps;
  const shared = { users, sessions, hasher, queue, throttle, transact, now, logger };
  const deletion = new AccountDeletion(shared);
  const passwordReset = new PasswordReset({
    ...{ ...shared, publicOrigin, createToken },
    resets: new PasswordResetRepository(deps.db),
  });
  const creation = new AccountCreation({
    ...{ users, passwordReset, decoyHash, now, createId: newId },
    administrators: deps.administrators,
  });
  return {
    name: 'accounts',
    ...{ creation, deletion, passwordReset },
    handlers: handlersOf({ accounts, deletion, passwordReset }),
    stop: () => queue.close(),
  };
}

function handlersOf({
  accounts,
  deletion,
  passwordReset,
}: Pick<AccountsModule, 'deletion' | 'passwordReset'> & {
  readonly accounts: AccountService;
}): AccountsModule['handlers'] {
  return {
    'auth:register': (input, context) => accounts.register(input, context),
    'auth:login': (input, context) => accounts.login(input, context),
    'auth:password': async (input, context) => {
      await accounts.changePassword(input, context);
      return {};
    },
    'auth:password-reset': async (input, context) => {
      await passwordReset.finish(input, context);
      return {};
    },
    'me:delete': async (input, context) => {
      await deletion.delete(input, context);
      return {};
    },
  };
}
