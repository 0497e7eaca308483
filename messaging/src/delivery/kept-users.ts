import { MINUTE } from '@parley/common';

/** Milliseconds for which the rooms of a user are kept after its last socket has closed. */
const KEPT_FOR = 5 * MINUTE;
/** Memberships that are kept for users without a socket. Beyond it, the user who left first is forgotten. */
const KEPT_AT_MOST = 50_000;

/** Users whose rooms are kept although they have no socket, the one who left first in front. */
export class KeptUsers<User> {
  readonly #users = new Map<User, { readonly since: number; readonly memberships: number }>();
  readonly #monotonic: () => number;
  #memberships = 0;

  /** @param monotonic - monotonic milliseconds */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** Memberships of all kept users, as they were when each left. */
  get memberships(): number {
    return this.#memberships;
  }

  all(): readonly User[] {
    return [...this.#users.keys()];
  }

  keep(user: User, memberships: number): void {
    this.end(user);
    this.#users.set(user, { since: this.#monotonic(), memberships });
    this.#memberships += memberships;
  }

  end(user: User): void {
    this.#memberships -= this.#users.get(user)?.memberships ?? 0;
    this.#users.delete(user);
  }

  /** Those who left too long ago, and those beyond the largest number of memberships. They are kept no more. */
  takeOverdue(): User[] {
    const before = this.#monotonic() - KEPT_FOR;
    const overdue: User[] = [];
    for (const [user, { since }] of this.#users) {
      if (since >= before && this.#memberships <= KEPT_AT_MOST) break;
      this.end(user);
      overdue.push(user);
    }
    return overdue;
  }
}
