import { deletedProfile, type BlockReader } from '@parley/backend-common/domain';
import { AppError, LIMITS, codePoints, searchForms, searchKeys, type Now } from '@parley/common';
import type { AuthOperations, InputOf, PublicProfile, User } from '@parley/common/contract';

import { checkDisplayName } from './policy.ts';
import type { ProfileChange, UserRepository } from './repository.ts';

type Change = InputOf<AuthOperations['me:update']>;

/** Shows, changes and finds profiles. */
export class ProfileService {
  readonly #users: UserRepository;
  readonly #blocks: Pick<BlockReader, 'among'>;
  readonly #now: Now;

  constructor(deps: {
    readonly users: UserRepository;
    readonly blocks: Pick<BlockReader, 'among'>;
    readonly now: Now;
  }) {
    this.#users = deps.users;
    this.#blocks = deps.blocks;
    this.#now = deps.now;
  }

  /** @throws AppError `not_found` */
  async getOwn(userId: string): Promise<User> {
    return found((await this.#users.findById(userId))?.user);
  }

  /** @throws AppError `not_found`, `invalid_input` */
  async update(userId: string, change: Change): Promise<User> {
    checkDisplayName(change.displayName);
    return found(await this.#users.update(userId, toProfileChange(change, this.#now())));
  }

  /**
   * The public profile of any user. Of a deleted user, and of a user who blocks the viewer, it has the id only.
   * @throws AppError `not_found`
   */
  async getPublic(id: string, viewerId: string): Promise<PublicProfile> {
    const profile = found(await this.#users.findPublic(id));
    const pairs = await this.#blocks.among(viewerId, [id]);
    // A viewer who blocks this user as well must see whom it blocks.
    const isHidden = pairs.length > 0 && pairs.every(({ userId }) => userId === id);
    return isHidden ? deletedProfile(id) : profile;
  }

  /** The user with exactly this username, unless there is a block between the two. */
  async findByUsername(username: string, seekerId: string): Promise<PublicProfile[]> {
    const account = await this.#users.findByUsername(username.toLowerCase());
    if (account === null) return [];
    const { avatarId, deleted, displayName, id, username: name } = account.user;
    return this.#withoutBlocked([{ id, username: name, displayName, avatarId, deleted }], seekerId);
  }

  /**
   * Up to 20 users whose username, or a word of whose display name, starts with a prefix; matches of usernames first. A
   * leading `@` is ignored. Users with a block between them do not find each other.
   */
  async search(prefix: string, seekerId: string): Promise<PublicProfile[]> {
    const keys = searchForms(prefix);
    const names = keys.map((key) => key.replace(/^@/, ''));
    if (codePoints(names[0] ?? '') < LIMITS.searchPrefixMin) return [];
    const found = await Promise.all([
      ...names.map((name) => this.#users.searchUsername(name, LIMITS.searchHits)),
      ...keys.map((key) => this.#users.searchName(key, LIMITS.searchHits)),
    ]);
    const byId = new Map(found.flat().map((profile) => [profile.id, profile]));
    return this.#withoutBlocked([...byId.values()].slice(0, LIMITS.searchHits), seekerId);
  }

  async #withoutBlocked(found: PublicProfile[], seekerId: string): Promise<PublicProfile[]> {
    const pairs = await this.#blocks.among(
      seekerId,
      found.map(({ id }) => id),
    );
    const blocked = new Set(pairs.flatMap(({ blockedId, userId }) => [blockedId, userId]));
    return found.filter(({ id }) => id === seekerId || !blocked.has(id));
  }
}

function toProfileChange(change: Change, profileChangedAt: number): ProfileChange {
  const { displayName, notifications, privacy } = change;
  const nameKeys = displayName == null ? [] : searchKeys(displayName);
  return {
    ...(displayName === undefined ? {} : { displayName, nameKeys, profileChangedAt }),
    ...privacy,
    ...notifications,
  } as ProfileChange;
}

function found<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined)
    throw new AppError('not_found', 'The user does not exist');
  return value;
}
