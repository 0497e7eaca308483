import { SECOND, type Now } from '@parley/common';
import type { Notifications, Privacy, PublicProfile } from '@parley/common/contract';
import { LRUCache } from 'lru-cache';
import type { Collection, Db } from 'mongodb';

import type { Barrier } from '../blocks/block-policy.ts';

/** A user as stored. Only auth writes it; every service may read it. */
export interface UserDocument {
  _id: string;
  username: string;
  displayName: string | null;
  /** What the display name is found by (`searchKeys` of `@parley/common`). */
  nameKeys: string[];
  avatarId: string | null;
  passwordHash: string;
  createdAt: number;
  /** When the public profile last changed (milliseconds); absent if it never did. */
  profileChangedAt?: number;
  privacy: Privacy;
  notifications: Notifications;
  /** When the account was deleted (milliseconds). Only the username stays, so that nobody gets it again. */
  deletedAt: number | null;
  /** When an administrator suspended the account (milliseconds); absent or `null` if it is not suspended. */
  suspendedAt?: number | null;
  /** `deletedAt`, until everything else that belongs to the deleted account is removed. */
  removalSince?: number;
}

/** A public profile and what its owner lets others see. */
export interface ProfileRecord {
  readonly profile: PublicProfile;
  readonly privacy: Privacy;
  /** Which notifications the user wants, and how. */
  readonly notifications: Notifications;
}

/** A profile that has changed, and when (milliseconds). */
export interface ProfileChange {
  readonly profile: PublicProfile;
  readonly changedAt: number;
}

const PROJECTION = {
  ...{ username: 1, displayName: 1, avatarId: 1 },
  ...{ privacy: 1, notifications: 1, deletedAt: 1 },
};
const REMEMBER = 5 * SECOND;
const MAX_REMEMBERED = 20_000;

type Projected = Pick<
  UserDocument,
  '_id' | 'username' | 'displayName' | 'avatarId' | 'privacy' | 'notifications' | 'deletedAt'
>;

type Changed = Projected & { readonly profileChangedAt: number };

/** Reads profiles, and caches each for 5 s. */
export class ProfileReader {
  readonly #users: Collection<UserDocument>;
  readonly #now: Now;
  readonly #remembered = new LRUCache<string, { record: ProfileRecord; until: number }>({
    max: MAX_REMEMBERED,
  });

  constructor(db: Db, now: Now) {
    this.#users = db.collection<UserDocument>('users');
    this.#now = now;
  }

  /** Profiles by id; users who never existed are absent. Index `_id_`. */
  async get(ids: readonly string[]): Promise<Map<string, ProfileRecord>> {
    const now = this.#now();
    const found = new Map<string, ProfileRecord>();
    const missing: string[] = [];
    for (const id of new Set(ids)) {
      const known = this.#remembered.get(id);
      if (known !== undefined && known.until > now) found.set(id, known.record);
      else missing.push(id);
    }
    if (missing.length === 0) return found;
    const read = this.#users.find<Projected>({ _id: { $in: missing } }, { projection: PROJECTION });
    for await (const document of read) {
      const record = toRecord(document);
      found.set(document._id, record);
      this.#remember(document._id, record, now);
    }
    return found;
  }

  /** One profile, or `undefined`. */
  async find(id: string): Promise<ProfileRecord | undefined> {
    return (await this.get([id])).get(id);
  }

  /** Profiles that changed at or after `since` (milliseconds), as they are now; index `changed`. */
  async changedSince(since: number): Promise<ProfileChange[]> {
    const now = this.#now();
    const projection = { ...PROJECTION, profileChangedAt: 1 };
    const changed = await this.#users
      .find<Changed>({ profileChangedAt: { $gte: since } }, { projection })
      .toArray();
    return changed.map((document) => {
      const record = toRecord(document);
      this.#remember(document._id, record, now);
      return { profile: record.profile, changedAt: document.profileChangedAt };
    });
  }

  #remember(id: string, record: ProfileRecord, now: number): void {
    this.#remembered.set(id, { record, until: now + REMEMBER });
  }
}

/** The profile of a deleted account, of which only the id is left. */
export function deletedProfile(id: string): PublicProfile {
  return { id, username: null, displayName: null, avatarId: null, deleted: true };
}

/** The profile of a user as somebody sees it who is blocked by those with a barrier `other`: these look deleted. */
export function shownProfile(
  id: string,
  profiles: ReadonlyMap<string, ProfileRecord>,
  barriers: ReadonlyMap<string, Barrier>,
): PublicProfile {
  const isShut = barriers.get(id) === 'other';
  return (isShut ? undefined : profiles.get(id)?.profile) ?? deletedProfile(id);
}

/** The public profile of a stored user. */
export function toPublicProfile(
  user: Pick<UserDocument, '_id' | 'username' | 'displayName' | 'avatarId' | 'deletedAt'>,
): PublicProfile {
  if (user.deletedAt !== null) return deletedProfile(user._id);
  const { _id: id, username, displayName, avatarId } = user;
  return { id, username, displayName, avatarId, deleted: false };
}

function toRecord(user: Projected): ProfileRecord {
  const { notifications, privacy } = user;
  return { profile: toPublicProfile(user), privacy, notifications };
}
