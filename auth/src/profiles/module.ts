import type { Db } from '@parley/backend-common';
import { BlockReader } from '@parley/backend-common/domain';
import type { Now } from '@parley/common';

import type { Module } from '../module.ts';
import { UserRepository } from './repository.ts';
import { ProfileService } from './service.ts';

interface ProfilesModuleDeps {
  readonly db: Db;
  readonly now: Now;
}

type ProfileOperation = 'me:get' | 'me:update' | 'user:get' | 'user:search';

interface ProfilesModule extends Module<ProfileOperation> {
  readonly users: UserRepository;
}

/** Showing, changing and finding profiles. */
export function createProfilesModule({ db, now }: ProfilesModuleDeps): ProfilesModule {
  const users = new UserRepository(db);
  const profiles = new ProfileService({ users, now, blocks: new BlockReader(db) });
  return {
    name: 'profiles',
    users,
    handlers: {
      'me:get': (_, { caller }) => profiles.getOwn(caller.userId),
      'me:update': (input, { caller }) => profiles.update(caller.userId, input),
      'user:get': ({ id }, { caller }) => profiles.getPublic(id, caller.userId),
      'user:search': async ({ prefix, username }, { caller }) => ({
        users:
          username === undefined
            ? await profiles.search(prefix ?? '', caller.userId)
            : await profiles.findByUsername(username, caller.userId),
      }),
    },
  };
}
