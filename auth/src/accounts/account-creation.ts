import type { Administrators } from '@parley/backend-common/domain';
import { AppError, type Now } from '@parley/common';
import type { AuthOperations, InputOf, OutputOf } from '@parley/common/contract';

import { checkDisplayName } from '../profiles/policy.ts';
import type { UserRepository } from '../profiles/repository.ts';
import { newAccount } from './new-account.ts';
import type { PasswordReset } from './password-reset.ts';
import { isReserved } from './policy.ts';

interface AccountCreationDeps {
  readonly users: Pick<UserRepository, 'insert' | 'isTaken'>;
  readonly passwordReset: Pick<PasswordReset, 'begin'>;
  readonly administrators: Pick<Administrators, 'lists'>;
  /** The hash of a random password that nobody knows. */
  readonly decoyHash: string;
  readonly now: Now;
  readonly createId: () => string;
}

type Creation = AuthOperations['admin:user-create'];

/** Creates accounts for administrators, whose users then choose their own passwords. */
export class AccountCreation {
  readonly #deps: AccountCreationDeps;

  constructor(deps: AccountCreationDeps) {
    this.#deps = deps;
  }

  /**
   * Creates an account that nobody can log in to before its user has set a password with the link.
   * @throws AppError `username_taken`, also for a reserved name that is not listed as an administrator;
   * `invalid_input` for a display name that is refused
   */
  async create({ displayName, username }: InputOf<Creation>): Promise<OutputOf<Creation>> {
    const { administrators, createId, decoyHash, now, passwordReset, users } = this.#deps;
    checkDisplayName(displayName);
    const isRefused = isReserved(username) && !administrators.lists(username);
    if (isRefused || (await users.isTaken(username))) throw new AppError('username_taken');
    const createdAt = now();
    const created = newAccount({
      ...{ id: createId(), username, displayName, createdAt },
      passwordHash: decoyHash,
    });
    await users.insert(created);
    const { id } = created.user;
    const link = await passwordReset.begin(id);
    const { displayName: shownName } = created.user;
    return {
      ...{ id, username, displayName: shownName, createdAt, suspendedAt: null, deletedAt: null },
      ...link,
    };
  }
}
