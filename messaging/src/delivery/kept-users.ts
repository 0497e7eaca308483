import { MINUTE } from '@parley/common';

/** Milliseconds for which a user is kept after its last socket has closed. */
const KEPT_FOR = 5 * MINUTE;
/** Memberships that are kept for users without a socket. Beyond that, the user who disconnected first is forgotten. */
const KEPT_AT_MOST = 50_000;

/** Users whose rooms are kept although they have no socket, in the order in which they disconnected. */
export class KeptUsers<User> {
  readonly #users = new Map<User, { readonly since: number; readonly memberships: number }>();
  readonly #monotonic: () => number;
  #memberships = 0;

  /** @param monotonic - monotonic milliseconds */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** The number of memberships of all kept users, counted when each disconnected. */
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

  /** Removes and returns users who disconnected too long ago, and the first of those beyond the limit of memberships. */
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
