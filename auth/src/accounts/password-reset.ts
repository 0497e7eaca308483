import {
  audit,
  auditRefusal,
  hashToken,
  type Logger,
  type PublicContext,
  type Transact,
} from '@parley/backend-common';
import { AppError, LIMITS, toAppError, type Now } from '@parley/common';
import type { AuthOperations, InputOf, OutputOf } from '@parley/common/contract';

import type { Account, UserRepository } from '../profiles/repository.ts';
import type { SessionService } from '../sessions/service.ts';
import type { HashQueue } from './hash-queue.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { checkNewPassword } from './password-policy.ts';
import type { PasswordResetRepository } from './reset-repository.ts';
import type { LoginThrottle } from './throttle.ts';

interface PasswordResetDeps {
  readonly resets: PasswordResetRepository;
  readonly users: UserRepository;
  readonly sessions: SessionService;
  readonly hasher: PasswordHasher;
  readonly queue: HashQueue;
  readonly throttle: Pick<LoginThrottle, 'admit'>;
  /** The origin of the web app; if it is absent, links are relative to it and begin with a slash. */
  readonly publicOrigin: string | undefined;
  readonly transact: Transact;
  readonly createToken: () => string;
  readonly now: Now;
  readonly logger: Logger;
}

/** The page of the web app for a new password. The token is in the fragment, which no server and no log sees. */
const PAGE = '/reset-password#';

/** Lets users set a new password with a link that an administrator gives them. */
export class PasswordReset {
  readonly #deps: PasswordResetDeps;

  constructor(deps: PasswordResetDeps) {
    this.#deps = deps;
  }

  /** Creates a link for a user. The previous link of this user stops working. */
  async begin(userId: string): Promise<OutputOf<AuthOperations['admin:user-password-reset']>> {
    const { createToken, now, publicOrigin = '', resets } = this.#deps;
    const token = createToken();
    const expiresAt = now() + LIMITS.passwordReset;
    await resets.replace(userId, hashToken(token), expiresAt);
    return { link: publicOrigin + PAGE + token, expiresAt };
  }

  /**
   * Sets a new password for the user of a token, and ends all sessions of that user. A token works once, also for
   * concurrent requests.
   * @throws AppError `reset_token_invalid`, `invalid_input` for a password that is refused, `rate_limited`, `unavailable`
   */
  async finish(
    { password, token }: InputOf<AuthOperations['auth:password-reset']>,
    { address, requestId }: PublicContext,
  ): Promise<void> {
    const { logger, throttle } = this.#deps;
    const facts: { address: string; requestId: string; userId?: string } = { address, requestId };
    try {
      throttle.admit(address);
      const account = await this.#accountOf(token);
      facts.userId = account.user.id;
      await this.#replacePassword(account, { address, password, token });
    } catch (error) {
      const event = { event: 'password_reset_refused', code: toAppError(error).code, ...facts };
      await auditRefusal(logger, event, 'A reset of a password was refused');
      throw error;
    }
    audit(logger, { event: 'password_reset', ...facts }, 'A password was reset');
  }

  async #accountOf(token: string): Promise<Account> {
    const { now, resets, users } = this.#deps;
    const userId = await resets.userOf(hashToken(token), now());
    const account = userId === null ? null : await users.findById(userId);
    if (account === null) throw invalid();
    return account;
  }

  async #replacePassword(
    { credentials, user }: Account,
    given: { readonly address: string; readonly password: string; readonly token: string },
  ): Promise<void> {
    const { hasher, now, queue, resets, sessions, transact, users } = this.#deps;
    const { displayName, id, username } = user;
    checkNewPassword(given.password, { username: username ?? '', displayName }, 'password');
    const passwordHash = await queue.run(given.address, () => hasher.hash(given.password));
    // It must differ even if the clock has not advanced: logins in progress compare it.
    const passwordChangedAt = Math.max(now(), credentials.passwordChangedAt + 1);
    const revoked = await transact(async (transaction) => {
      if (!(await resets.use(id, hashToken(given.token), transaction))) return undefined;
      await users.setCredentials(id, { passwordHash, passwordChangedAt }, transaction);
      return sessions.revokeAllWithin(id, transaction);
    });
    if (revoked === undefined) throw invalid();
    sessions.announceRevoked(revoked);
    // A login that was in progress may have stored its session before it could see the new password.
    await sessions.revokeAll(id);
  }
}

function invalid(): AppError {
  return new AppError('reset_token_invalid', 'The link has expired, was used, or was replaced');
}
