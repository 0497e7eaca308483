import {
  audit,
  auditRefusal,
  type Caller,
  type Logger,
  type RequestContext,
  type Transact,
} from '@parley/backend-common';
import { AppError, toAppError, type Now } from '@parley/common';
import type { AuthOperations, InputOf } from '@parley/common/contract';

import type { Account, UserRepository } from '../profiles/repository.ts';
import type { SessionService } from '../sessions/service.ts';
import type { HashQueue } from './hash-queue.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { LoginThrottle } from './throttle.ts';

interface AccountDeletionDeps {
  readonly users: UserRepository;
  readonly sessions: SessionService;
  readonly hasher: PasswordHasher;
  readonly queue: HashQueue;
  readonly throttle: LoginThrottle;
  readonly transact: Transact;
  readonly now: Now;
  readonly logger: Logger;
}

/**
 * Deletes accounts. One transaction removes the profile and the credentials and revokes the sessions; the messaging
 * service finds the deleted account, removes what belongs to it there, and then calls `finish`.
 */
export class AccountDeletion {
  readonly #deps: AccountDeletionDeps;

  constructor(deps: AccountDeletionDeps) {
    this.#deps = deps;
  }

  /**
   * Deletes the account of the caller, whose password confirms it.
   * @throws AppError `invalid_credentials`, `rate_limited`, `conflict`, `unavailable`
   */
  async delete(
    { password }: InputOf<AuthOperations['me:delete']>,
    { address, caller, requestId }: RequestContext,
  ): Promise<void> {
    const { logger } = this.#deps;
    const facts = { ...caller, address, requestId };
    try {
      await this.#markDeleted(await this.#confirm(password, caller, address));
    } catch (error) {
      const { code } = toAppError(error);
      const event = { event: 'account_deletion_refused', code, ...facts };
      await auditRefusal(logger, event, 'The deletion of an account was refused');
      throw error;
    }
    audit(logger, { event: 'account_deleted', ...facts }, 'An account was deleted');
  }

  /** Deletes an account for an administrator. Idempotent. @throws AppError `conflict` (retryable), `unavailable` */
  async deleteFor(userId: string): Promise<void> {
    const account = await this.#deps.users.findById(userId);
    if (account !== null) await this.#markDeleted(account);
  }

  /** Removes what is left of a deleted account in this service. Idempotent. @throws AppError `conflict` if the account is not deleted */
  async finish(userId: string): Promise<void> {
    const { logger, sessions, users } = this.#deps;
    if (!(await users.isDeleted(userId))) {
      throw new AppError('conflict', 'The account is not deleted');
    }
    await sessions.removeAll(userId);
    await users.markRemoved(userId);
    audit(
      logger,
      { event: 'account_removed', userId },
      'Everything of a deleted account was removed',
    );
  }

  /** The account of the caller, if the password is right. */
  async #confirm(
    password: string,
    { sessionId, userId }: Caller,
    address: string,
  ): Promise<Account> {
    const { hasher, queue, throttle, users } = this.#deps;
    const account = await users.findById(userId);
    if (account === null) throw new AppError('unauthenticated');
    const attempt = await throttle.password(sessionId);
    let isCorrect: boolean;
    try {
      const { passwordHash } = account.credentials;
      isCorrect = await queue.run(address, () => hasher.verify(passwordHash, password));
    } catch (error) {
      await attempt.withdraw();
      throw error;
    }
    if (!isCorrect) throw new AppError('invalid_credentials', 'The password is wrong');
    await attempt.succeed();
    return account;
  }

  async #markDeleted(account: Account): Promise<void> {
    const { now, sessions, transact, users } = this.#deps;
    const { id } = account.user;
    const revoked = await transact(async (transaction) =>
      (await users.markDeleted(account, now(), transaction))
        ? sessions.revokeAllWithin(id, transaction)
        : undefined,
    );
    if (revoked === undefined) {
      throw new AppError('conflict', 'The account was changed by another request', {
        retryable: true,
      });
    }
    sessions.announceRevoked(revoked);
    // A login that was in progress may have stored its session before it could see the deletion.
    await sessions.revokeAll(id);
  }
}
