import {
  audit,
  auditRefusal,
  type Caller,
  type Counter,
  type Logger,
  type PublicContext,
  type RequestContext,
} from '@parley/backend-common';
import type { Administrators } from '@parley/backend-common/domain';
import { AppError, toAppError, type Now } from '@parley/common';
import type { AuthOperations, InputOf, OutputOf } from '@parley/common/contract';

import { checkDisplayName } from '../profiles/policy.ts';
import type { Account, UserRepository } from '../profiles/repository.ts';
import type { SessionService } from '../sessions/service.ts';
import type { HashQueue } from './hash-queue.ts';
import { newAccount } from './new-account.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { checkNewPassword } from './password-policy.ts';
import { isReserved } from './policy.ts';
import type { Attempt, LoginThrottle } from './throttle.ts';

type Registration = InputOf<AuthOperations['auth:register']>;
type Login = InputOf<AuthOperations['auth:login']>;
type PasswordChange = InputOf<AuthOperations['auth:password']>;
type SignedIn = OutputOf<AuthOperations['auth:login']>;

/** The result of a login, as the metrics count it. */
export type LoginResult = 'ok' | 'wrong' | 'suspended' | 'throttled' | 'busy' | 'failed';

interface AccountServiceDeps {
  readonly users: UserRepository;
  readonly sessions: SessionService;
  readonly hasher: PasswordHasher;
  readonly queue: HashQueue;
  readonly throttle: LoginThrottle;
  readonly registration: 'open' | 'closed';
  readonly administrators: Pick<Administrators, 'lists'>;
  /** The hash of a random password. It is verified for unknown usernames, so that they take as long as known ones. */
  readonly decoyHash: string;
  readonly now: Now;
  readonly createId: () => string;
  readonly logger: Logger;
  readonly logins: Counter<'result'>;
}

/** Creates accounts, signs users in and changes passwords. */
export class AccountService {
  readonly #deps: AccountServiceDeps;

  constructor(deps: AccountServiceDeps) {
    this.#deps = deps;
  }

  /** @throws AppError `forbidden`, `username_taken`, `invalid_input`, `rate_limited`, `unavailable` */
  async register(input: Registration, context: PublicContext): Promise<SignedIn> {
    const { address } = context;
    const { createId, now, registration, sessions, throttle, users } = this.#deps;
    if (registration === 'closed') throw new AppError('forbidden', 'Registration is closed here');
    checkNewPassword(input.password, input, 'password');
    checkDisplayName(input.displayName);
    const attempt = await throttle.registration(input.username, address);
    const account = await this.#withdrawOnError(attempt, async () => {
      if (this.#isReserved(input.username) || (await users.isTaken(input.username))) {
        throw new AppError('username_taken');
      }
      const passwordHash = await this.#hash(address, input.password);
      const created = newAccount({ ...input, passwordHash, id: createId(), createdAt: now() });
      await users.insert(created);
      return created;
    });
    await attempt.succeed();
    const signedIn = await sessions.create(account.user.id, input.deviceName);
    await this.#checkUnchanged(account, signedIn.session.id);
    const opened = { ...signedIn, user: account.user };
    this.#audit('registration', opened, context);
    return opened;
  }

  /** @throws AppError `invalid_credentials`, `account_suspended`, `rate_limited`, `unavailable` */
  async login(input: Login, context: PublicContext): Promise<SignedIn> {
    const { logger, logins } = this.#deps;
    try {
      const signedIn = await this.#login(input, context);
      logins.inc({ result: 'ok' });
      this.#audit('login', signedIn, context);
      return signedIn;
    } catch (error) {
      const result = loginResult(error);
      logins.inc({ result });
      // The username is not logged, because users sometimes type their password into its field.
      const { address, requestId } = context;
      const userId = () => this.#idOf(input.username);
      const event = { event: 'login_refused', result, userId, address, requestId };
      await auditRefusal(logger, event, 'A login was refused');
      throw error;
    }
  }

  /**
   * Changes the password and ends every other session of the user.
   * @throws AppError `invalid_credentials`, `invalid_input`, `rate_limited`, `conflict`
   */
  async changePassword(
    input: PasswordChange,
    { address, caller, requestId }: RequestContext,
  ): Promise<void> {
    const { sessionId, userId } = caller;
    const facts = { userId, sessionId, address, requestId };
    try {
      await this.#changePassword(input, caller, address);
    } catch (error) {
      const event = { event: 'password_change_refused', code: toAppError(error).code, ...facts };
      await auditRefusal(this.#deps.logger, event, 'A change of the password was refused');
      throw error;
    }
    const event = { event: 'password_changed', ...facts };
    audit(this.#deps.logger, event, 'A password was changed');
  }

  async #changePassword(input: PasswordChange, caller: Caller, address: string): Promise<void> {
    const { now, sessions, throttle, users } = this.#deps;
    const account = await users.findById(caller.userId);
    if (account === null) throw new AppError('unauthenticated');
    const { displayName, username } = account.user;
    checkNewPassword(input.newPassword, { username: username ?? '', displayName }, 'newPassword');
    const attempt = await throttle.password(caller.sessionId);
    const passwordHash = await this.#withdrawOnError(attempt, async () => {
      const isCorrect = await this.#verify(address, account, input.currentPassword);
      return isCorrect ? await this.#hash(address, input.newPassword) : undefined;
    });
    if (passwordHash === undefined) {
      throw new AppError('invalid_credentials', 'The current password is wrong');
    }
    await attempt.succeed();
    const after = { passwordHash, passwordChangedAt: now() };
    if (!(await users.replaceCredentials(caller.userId, account.credentials, after))) {
      throw new AppError('conflict', 'The password was changed by another request', {
        retryable: true,
      });
    }
    await sessions.revokeOthers(caller);
  }

  /** Writes to the audit log that a user has got a session. */
  #audit(event: 'login' | 'registration', { session, user }: SignedIn, context: PublicContext) {
    const { address, requestId } = context;
    const facts = { event, userId: user.id, sessionId: session.id, address, requestId };
    audit(this.#deps.logger, facts, 'A session was opened');
  }

  /** The id of the account with a username, for the log; `undefined` if there is none, or it cannot be read. */
  async #idOf(username: string): Promise<string | undefined> {
    try {
      return (await this.#deps.users.findByUsername(username))?.user.id;
    } catch {
      return undefined;
    }
  }

  async #login(input: Login, { address }: PublicContext): Promise<SignedIn> {
    const { sessions, throttle, users } = this.#deps;
    const attempt = await throttle.login(input.username, address);
    const account = await this.#withdrawOnError(attempt, async () => {
      const found = await users.findByUsername(input.username);
      // Verifies a decoy for an unknown name, so that the response time does not reveal which names exist.
      const isCorrect = await this.#verify(address, found, input.password);
      return isCorrect ? found : null;
    });
    if (account === null) throw new AppError('invalid_credentials');
    await attempt.succeed();
    // Checked after the password, so that nobody else can find out which accounts are suspended.
    if (account.isSuspended) throw suspended();
    const signedIn = await sessions.create(account.user.id, input.deviceName);
    await this.#checkUnchanged(account, signedIn.session.id);
    await this.#rehash(account, address, input.password);
    return { ...signedIn, user: account.user };
  }

  /**
   * Revokes the new session if the password was replaced or the account was suspended or deleted during the login. The
   * request that did so revokes all sessions that are stored afterwards, so the new session is found by that request or
   * by this check.
   */
  async #checkUnchanged({ credentials, user }: Account, sessionId: string): Promise<void> {
    const { sessions, users } = this.#deps;
    const present = await users.findById(user.id);
    const isSame = present?.credentials.passwordChangedAt === credentials.passwordChangedAt;
    if (isSame && !present.isSuspended) return;
    await sessions.revoke(user.id, sessionId);
    throw isSame ? suspended() : new AppError('invalid_credentials');
  }

  /**
   * Whether nobody may register a username. This includes the names of administrators: otherwise the first user to
   * register one of them would be an administrator.
   */
  #isReserved(username: string): boolean {
    return isReserved(username) || this.#deps.administrators.lists(username);
  }

  /** Replaces a hash of outdated cost. If that fails (the hash queue may be full), the next login tries again. */
  async #rehash(account: Account, address: string, password: string): Promise<void> {
    const { hasher, logger, users } = this.#deps;
    const { passwordChangedAt, passwordHash } = account.credentials;
    if (!hasher.isOutdated(passwordHash)) return;
    try {
      const after = { passwordHash: await this.#hash(address, password), passwordChangedAt };
      await users.replaceCredentials(account.user.id, account.credentials, after);
    } catch (error) {
      logger.warn({ err: error }, 'A password could not be rehashed');
    }
  }

  #hash(address: string, password: string): Promise<string> {
    const { hasher, queue } = this.#deps;
    return queue.run(address, () => hasher.hash(password));
  }

  #verify(address: string, account: Account | null, password: string): Promise<boolean> {
    const { hasher, decoyHash, queue } = this.#deps;
    const passwordHash = account?.credentials.passwordHash ?? decoyHash;
    return queue.run(address, () => hasher.verify(passwordHash, password));
  }

  /** Withdraws the attempt if `run` throws, so that an attempt without a result does not count. */
  async #withdrawOnError<Result>(attempt: Attempt, run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (error) {
      await attempt.withdraw();
      throw error;
    }
  }
}

function suspended(): AppError {
  return new AppError('account_suspended', 'An administrator has suspended this account');
}

function loginResult(error: unknown): LoginResult {
  const code = error instanceof AppError ? error.code : 'internal';
  if (code === 'invalid_credentials') return 'wrong';
  if (code === 'account_suspended') return 'suspended';
  if (code === 'rate_limited') return 'throttled';
  return code === 'unavailable' ? 'busy' : 'failed';
}
