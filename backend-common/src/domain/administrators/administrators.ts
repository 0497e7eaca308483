import { AppError } from '@parley/common';

import type { AdministratorReader } from './administrator-repository.ts';

interface AdministratorsDeps {
  /** Usernames and ids, as the configuration lists them. */
  readonly listed: readonly string[];
  readonly users: Pick<AdministratorReader, 'usernameOf'>;
}

/** The users who may call the operations under `/admin`: those whom `PARLEY_ADMINS` lists. */
export class Administrators {
  readonly #listed: ReadonlySet<string>;
  readonly #users: AdministratorsDeps['users'];

  constructor({ listed, users }: AdministratorsDeps) {
    this.#listed = new Set(listed.map((name) => name.toLowerCase()));
    this.#users = users;
  }

  /** Whether a username (lower case) is listed, so that nobody else may get it. */
  lists(username: string): boolean {
    return this.#listed.has(username);
  }

  /**
   * Reads the account each time, so that a suspended administrator has lost the right at once.
   * @throws AppError `forbidden` for everybody else
   */
  async require(userId: string): Promise<void> {
    const username = this.#listed.size === 0 ? null : await this.#users.usernameOf(userId);
    if (username !== null && (this.#listed.has(userId) || this.#listed.has(username))) return;
    throw new AppError('forbidden', 'Only administrators may do this');
  }
}
