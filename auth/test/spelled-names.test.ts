import assert from 'node:assert/strict';
import type { UserDocument } from '@parley/backend-common/domain';

import { spelledNamesMigration } from '../src/migrations/name-keys.ts';
import { AuthService, type SignedIn } from './support/auth-service.ts';

describe('people are found', () => {
  let auth: AuthService;
  let seeker: SignedIn;
  before(async () => {
    auth = await AuthService.start({ env: { PARLEY_RATE_LIMITS: 'off' } });
    seeker = await auth.register('seeker');
  });
  after(() => auth.drop());

  const search = async (query: Record<string, string>) => {
    const path = `/users?${new URLSearchParams(query).toString()}`;
    const { data } = await auth.call<{ users: { username: string }[] }>('GET', path, {
      token: seeker.sessionToken,
    });
    return data.users.map(({ username }) => username);
  };

  it('by letters that are also written as two, in either form', async () => {
    for (const [username, displayName] of [
      ['v-1', 'Jörg Müller'],
      ['v-2', 'Đorđe Petrović'],
      ['v-3', 'Özgür Şahin'],
      ['v-4', 'Åke Söderström'],
      ['v-5', 'Søren Bjørn'],
      ['v-6', 'Wolfgang Goethe'],
      ['v-7', 'Aage Groß'],
      ['v-8', 'John Muellner'],
    ] as const) {
      await auth.register(username, { displayName });
    }
    await auth.register('baeckerei');
    for (const [prefix, expected] of [
      ...([
        ['mueller', ['v-1']],
        ['muller', ['v-1']],
        ['Müll', ['v-1', 'v-8']],
        ['mu\u0308ll', ['v-1', 'v-8']],
        ['joerg mueller', ['v-1']],
        ['djordje', ['v-2']],
        ['dorde', ['v-2']],
        ['đorđe', ['v-2']],
      ] as const),
      ...([
        ['oezguer', ['v-3']],
        ['ozgur', ['v-3']],
        ['aake', ['v-4']],
        ['soederstroem', ['v-4']],
        ['soeren', ['v-5']],
        ['BJOERN', ['v-5']],
      ] as const),
      ...([
        ['goethe', ['v-6']],
        ['göthe', ['v-6']],
        ['åge', ['v-7']],
        ['gross', ['v-7']],
        ['bäckerei', ['baeckerei']],
      ] as const),
    ] as const) {
      const found = (await search({ prefix })).filter((name) => /^(?:v-|baeck)/.test(name));
      assert.deepEqual(found.sort(), [...expected], prefix);
    }
  });

  it('by two letters only where the name has the letter that they stand for', async () => {
    await auth.register('w-1', { displayName: 'Xavjorn' });
    await auth.register('w-2', { displayName: 'Xavjörn' });
    assert.deepEqual(await search({ prefix: 'xavjoe' }), ['w-2']);
    assert.deepEqual((await search({ prefix: 'xavjo' })).sort(), ['w-1', 'w-2']);
  });

  it('by two letters in a name that was stored before there were such keys', async () => {
    const { user } = await auth.register('former', { displayName: 'Xanthä Überall' });
    const plain = await auth.register('formerly', { displayName: 'Xanthe' });
    const users = auth.mongo.db.collection<UserDocument>('users');
    await users.updateOne(
      { _id: user.id },
      { $set: { nameKeys: ['xantha uberall', 'uberall xantha'] } },
    );
    await users.updateOne({ _id: plain.user.id }, { $set: { nameKeys: ['untouched'] } });
    assert.deepEqual(await search({ prefix: 'ueberall' }), []);
    for (let round = 0; round < 2; round += 1) {
      await spelledNamesMigration.up(auth.mongo.db);
      assert.deepEqual(await search({ prefix: 'ueberall xan' }), ['former']);
      assert.deepEqual(await search({ prefix: 'uberall' }), ['former']);
      assert.deepEqual(await search({ prefix: 'untouched' }), ['formerly']);
    }
  });
});
