import {
  isDuplicateKey,
  type Collection,
  type Db,
  type Filter,
  type Transaction,
} from '@parley/backend-common';
import { toPublicProfile, type UserDocument } from '@parley/backend-common/domain';
import { AppError } from '@parley/common';
import type { AdminAccount, PublicProfile, User } from '@parley/common/contract';

/** A user with the fields that only auth needs. */
interface AccountDocument extends UserDocument {
  /** Increases when the user changes the password, not when the same password is hashed again. */
  passwordChangedAt: number;
}

/** What is needed to check a password. */
export interface Credentials {
  readonly passwordHash: string;
  readonly passwordChangedAt: number;
}

/** An account that is not deleted, with its credentials. */
export interface Account {
  readonly user: User;
  readonly credentials: Credentials;
  /** Whether an administrator has suspended the account. */
  readonly isSuspended: boolean;
}

/** Changes that a user makes to the own profile; absent fields stay. */
export interface ProfileChange {
  readonly displayName?: string | null;
  readonly nameKeys?: readonly string[];
  /** When something changed that others see, in milliseconds. */
  readonly profileChangedAt?: number;
  readonly readReceipts?: boolean;
  readonly lastSeen?: boolean;
  readonly previews?: boolean;
}

const PUBLIC = { username: 1, displayName: 1, avatarId: 1, deletedAt: 1 } as const;
/** The last code point: `prefix + LAST` sorts behind every other string that begins with `prefix`. */
const LAST = '\u{10ffff}';

/** Reads and writes `users`. */
export class UserRepository {
  readonly #users: Collection<AccountDocument>;

  constructor(db: Db) {
    this.#users = db.collection<AccountDocument>('users');
  }

  /** @throws AppError `username_taken`, by the unique index `username` */
  async insert(account: Account & { readonly nameKeys: readonly string[] }): Promise<void> {
    const { credentials, nameKeys, user } = account;
    const { avatarId, createdAt, displayName, id, notifications, privacy, username } = user;
    try {
      await this.#users.insertOne({
        _id: id,
        username: username ?? id,
        displayName,
        nameKeys: [...nameKeys],
        avatarId,
        createdAt,
        privacy,
        notifications,
        deletedAt: null,
        ...credentials,
      });
    } catch (error) {
      if (isDuplicateKey(error, 'username')) throw new AppError('username_taken');
      throw error;
    }
  }

  /** Whether a user has or had the name; index `username`. */
  async isTaken(username: string): Promise<boolean> {
    return (await this.#users.findOne({ username }, { projection: { _id: 1 } })) !== null;
  }

  /** By username, in lower case; index `username`. */
  async findByUsername(username: string): Promise<Account | null> {
    return toAccount(await this.#users.findOne({ username, deletedAt: null }));
  }

  /** By id; index `_id_`. */
  async findById(id: string): Promise<Account | null> {
    return toAccount(await this.#users.findOne({ _id: id, deletedAt: null }));
  }

  /** Replaces the credentials if they are still the given ones. Returns whether they were. Index `_id_`. */
  async replaceCredentials(id: string, before: Credentials, after: Credentials): Promise<boolean> {
    const { matchedCount } = await this.#users.updateOne(
      { _id: id, passwordHash: before.passwordHash },
      { $set: { ...after } },
    );
    return matchedCount === 1;
  }

  /** Replaces the credentials of an account, whatever they are. Index `_id_`. */
  async setCredentials(id: string, after: Credentials, transaction: Transaction): Promise<void> {
    await this.#users.updateOne(
      { _id: id, deletedAt: null },
      { $set: { ...after } },
      { session: transaction },
    );
  }

  /**
   * Deletes the account if its credentials are still the given ones: removes what the profile shows and what a login
   * needs. Returns whether they were. Index `_id_`.
   */
  async markDeleted(
    { credentials, user }: Account,
    at: number,
    transaction: Transaction,
  ): Promise<boolean> {
    const { matchedCount } = await this.#users.updateOne(
      { _id: user.id, deletedAt: null, passwordHash: credentials.passwordHash },
      {
        $set: {
          ...{ deletedAt: at, removalSince: at, profileChangedAt: at, passwordChangedAt: at },
          ...{ displayName: null, nameKeys: [], avatarId: null, passwordHash: '' },
        },
        // Versions before the migration of the name keys have written it.
        $unset: { nameKey: '' },
      },
      { session: transaction },
    );
    return matchedCount === 1;
  }

  /** An account in any state, by username in lower case or by id. Indexes `username`, `_id_`. */
  async findRecord(user: string): Promise<AdminAccount | null> {
    const found =
      (await this.#users.findOne({ username: user })) ?? (await this.#users.findOne({ _id: user }));
    if (found === null) return null;
    const { _id: id, createdAt, deletedAt, displayName, suspendedAt = null, username } = found;
    return { id, username, displayName, createdAt, suspendedAt, deletedAt };
  }

  /** Suspends an account. If it is suspended already, the time of its suspension stays. Index `_id_`. */
  async suspend(id: string, at: number, transaction: Transaction): Promise<void> {
    await this.#users.updateOne(
      { _id: id, suspendedAt: null },
      { $set: { suspendedAt: at } },
      { session: transaction },
    );
  }

  /** Ends the suspension of an account. Index `_id_`. */
  async restore(id: string): Promise<void> {
    await this.#users.updateOne({ _id: id }, { $set: { suspendedAt: null } });
  }

  /** Whether there was an account that is deleted now. Index `_id_`. */
  async isDeleted(id: string): Promise<boolean> {
    const deleted = { _id: id, deletedAt: { $ne: null } };
    return (await this.#users.findOne(deleted, { projection: { _id: 1 } })) !== null;
  }

  /** Records that everything of a deleted account is removed. Returns whether the account is deleted. Index `_id_`. */
  async markRemoved(id: string): Promise<boolean> {
    const { matchedCount } = await this.#users.updateOne(
      { _id: id, deletedAt: { $ne: null } },
      { $unset: { removalSince: '' } },
    );
    return matchedCount === 1;
  }

  /** Changes the profile. Returns it, or `null` if there is none. Index `_id_`. */
  async update(id: string, change: ProfileChange): Promise<User | null> {
    const { displayName, lastSeen, nameKeys, previews, profileChangedAt, readReceipts } = change;
    const fields = {
      displayName,
      nameKeys,
      profileChangedAt,
      'privacy.readReceipts': readReceipts,
      'privacy.lastSeen': lastSeen,
      'notifications.previews': previews,
    };
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    if (given.length === 0) return (await this.findById(id))?.user ?? null;
    const updated = await this.#users.findOneAndUpdate(
      { _id: id, deletedAt: null },
      { $set: Object.fromEntries(given) },
      { returnDocument: 'after' },
    );
    return toAccount(updated)?.user ?? null;
  }

  /** A public profile, also of a deleted account; `null` if the user never existed. Index `_id_`. */
  async findPublic(id: string): Promise<PublicProfile | null> {
    const found = await this.#users.findOne({ _id: id }, { projection: PUBLIC });
    return found === null ? null : toPublicProfile(found);
  }

  /** Users whose username starts with a prefix, in order; index `username`. */
  async searchUsername(prefix: string, limit: number): Promise<PublicProfile[]> {
    return this.#search({ username: from(prefix) }, 'username', limit);
  }

  /** Users with a name key that starts with a prefix, in the order of the keys; index `nameKeys`. */
  async searchName(prefix: string, limit: number): Promise<PublicProfile[]> {
    // Without $elemMatch, two keys of one name could satisfy one bound each.
    return this.#search({ nameKeys: { $elemMatch: from(prefix) } }, 'nameKeys', limit);
  }

  /** Reads in the order of the index: a sort by a list would read all matches first. */
  async #search(
    filter: Filter<AccountDocument>,
    index: string,
    limit: number,
  ): Promise<PublicProfile[]> {
    const found = await this.#users
      .find({ ...filter, deletedAt: null })
      .project<Pick<UserDocument, '_id' | keyof typeof PUBLIC>>(PUBLIC)
      .hint(index)
      .limit(limit)
      .toArray();
    return found.map(toPublicProfile);
  }
}

/** A range, not a regular expression: no character of the prefix has a special meaning. */
function from(prefix: string): { $gte: string; $lt: string } {
  return { $gte: prefix, $lt: prefix + LAST };
}

function toAccount(document: AccountDocument | null): Account | null {
  if (document === null) return null;
  const { createdAt, notifications, passwordChangedAt, passwordHash, privacy } = document;
  return {
    user: { ...toPublicProfile(document), createdAt, privacy, notifications },
    credentials: { passwordHash, passwordChangedAt },
    isSuspended: document.suspendedAt != null,
  };
}
