import type { RequestContext, Transact } from '@parley/backend-common';
import type { DeviceCounter } from '@parley/backend-common/domain';
import { AppError, type Now } from '@parley/common';
import type {
  AdminAccount,
  AdminAccountDetails,
  AuthOperations,
  OutputOf,
} from '@parley/common/contract';

import type { AccountDeletion } from '../accounts/deletion.ts';
import type { PasswordReset } from '../accounts/password-reset.ts';
import type { UserRepository } from '../profiles/repository.ts';
import type { SessionService } from '../sessions/service.ts';

interface AdministrationServiceDeps {
  readonly users: UserRepository;
  readonly sessions: SessionService;
  readonly deletion: Pick<AccountDeletion, 'deleteFor'>;
  readonly devices: Pick<DeviceCounter, 'of'>;
  readonly passwordReset: Pick<PasswordReset, 'begin'>;
  readonly transact: Transact;
  readonly now: Now;
}

/**
 * The operations of administrators on accounts. The dispatcher has checked that the caller is an administrator, and
 * writes the audit log.
 */
export class AdministrationService {
  readonly #deps: AdministrationServiceDeps;

  constructor(deps: AdministrationServiceDeps) {
    this.#deps = deps;
  }

  /** An account, even a deleted one. @throws AppError `not_found` */
  async show(user: string): Promise<AdminAccountDetails> {
    const { devices, sessions } = this.#deps;
    const account = await this.#findAny(user);
    const [live, count] = await Promise.all([sessions.listOf(account.id), devices.of(account.id)]);
    return { ...account, sessions: live, devices: count };
  }

  /** Ends all sessions of an account. @throws AppError `not_found` */
  async revokeSessions(user: string): Promise<AdminAccount> {
    const account = await this.#find(user);
    await this.#deps.sessions.revokeAll(account.id);
    return account;
  }

  /** Deletes an account. Idempotent. @throws AppError `not_found`, `conflict` for the account of the caller */
  async delete(user: string, { caller }: RequestContext): Promise<AdminAccount> {
    const { id } = await this.#findAny(user);
    if (id === caller.userId) throw new AppError('conflict', 'You cannot delete your own account');
    await this.#deps.deletion.deleteFor(id);
    return this.#findAny(id);
  }

  /**
   * Keeps an account from logging in, and ends its sessions. Idempotent.
   * @throws AppError `not_found`, `conflict` for the account of the caller
   */
  async suspend(user: string, { caller }: RequestContext): Promise<AdminAccount> {
    const { now, sessions, transact, users } = this.#deps;
    const { id } = await this.#find(user);
    if (id === caller.userId) {
      throw new AppError('conflict', 'You cannot suspend your own account');
    }
    const revoked = await transact(async (transaction) => {
      await users.suspend(id, now(), transaction);
      return sessions.revokeAllWithin(id, transaction);
    });
    sessions.announceRevoked(revoked);
    // A login that was in progress may have stored its session before it could see the suspension.
    await sessions.revokeAll(id);
    return this.#find(id);
  }

  /** Ends the suspension of an account. Idempotent. @throws AppError `not_found` */
  async restore(user: string): Promise<AdminAccount> {
    const { id } = await this.#find(user);
    await this.#deps.users.restore(id);
    return this.#find(id);
  }

  /** Creates a link with which the user can set a new password once. @throws AppError `not_found` */
  async resetPassword(
    user: string,
  ): Promise<OutputOf<AuthOperations['admin:user-password-reset']>> {
    const { id } = await this.#find(user);
    return this.#deps.passwordReset.begin(id);
  }

  /** An account that is not deleted, by username or id. @throws AppError `not_found` */
  async #find(user: string): Promise<AdminAccount> {
    const found = await this.#findAny(user);
    if (found.deletedAt !== null) throw new AppError('not_found', 'The account is deleted');
    return found;
  }

  async #findAny(user: string): Promise<AdminAccount> {
    const found = await this.#deps.users.findRecord(user.toLowerCase());
    if (found === null) throw new AppError('not_found', 'There is no such account');
    return found;
  }
}
