import assert from 'node:assert/strict';
import type { Filter } from 'mongodb';
import type { UserDocument } from '@parley/backend-common/domain';
import type { PublicProfile, User } from '@parley/common/contract';

import { nameKeysMigration } from '../src/migrations/name-keys.ts';
import { AuthService, assertRefused, type SignedIn } from './support/auth-service.ts';

const NOBODY = '01a20336-39a9-7253-8a73-76f36b49cc32';

describe('profiles', () => {
  let auth: AuthService;
  let alice: SignedIn;
  let bob: SignedIn;
  before(async () => {
    auth = await AuthService.start({ env: { PARLEY_RATE_LIMITS: 'off' } });
    alice = await auth.register('alice', { displayName: 'Alice Liddell' });
    bob = await auth.register('bob');
  });
  after(() => auth.drop());

  const get = <Data = Record<string, unknown>>(path: string, token = alice.sessionToken) =>
    auth.call<Data>('GET', path, { token });
  const patch = (body: unknown, token = alice.sessionToken) =>
    auth.call<User>('PATCH', '/me', { token, body });
  const search = async (query: Record<string, string>) => {
    const path = `/users?${new URLSearchParams(query).toString()}`;
    const { data, status } = await get<{ users: PublicProfile[] }>(path);
    assert.equal(status, 200, JSON.stringify(data));
    return data.users.map(({ username }) => username);
  };
  const leave = (username: string) =>
    auth.mongo.db.collection('users').updateOne({ username }, { $set: { deletedAt: 1 } });

  describe('of the caller', () => {
    it('contain what is set and nothing of the password', async () => {
      const { data } = await get('/me');
      assert.deepEqual(data, alice.user);
      assert.deepEqual(Object.keys(data).sort(), [
        'avatarId',
        'createdAt',
        'deleted',
        'displayName',
        'id',
        'notifications',
        'privacy',
        'username',
      ]);
    });

    it('change one field at a time', async () => {
      const { data } = await patch({ privacy: { lastSeen: false } }, bob.sessionToken);
      assert.deepEqual(data.privacy, { readReceipts: true, lastSeen: false });
      const next = await patch(
        { displayName: 'Bob', notifications: { previews: false } },
        bob.sessionToken,
      );
      assert.equal(next.data.displayName, 'Bob');
      assert.deepEqual(next.data.privacy, { readReceipts: true, lastSeen: false });
      assert.deepEqual(next.data.notifications, { previews: false });
      assert.deepEqual((await get('/me', bob.sessionToken)).data, next.data);
    });

    it('count as changed only if others see a difference', async () => {
      const { sessionToken, user } = await auth.register('frieda');
      const changedAt = async () => {
        const users = auth.mongo.db.collection<UserDocument>('users');
        return (await users.findOne({ _id: user.id }))?.profileChangedAt;
      };
      await patch({ privacy: { lastSeen: false } }, sessionToken);
      assert.equal(await changedAt(), undefined);
      await patch({ displayName: 'Frieda' }, sessionToken);
      const first = await changedAt();
      assert.ok(first !== undefined && Math.abs(first - Date.now()) < 60_000);
      await patch({ notifications: { previews: false } }, sessionToken);
      assert.equal(await changedAt(), first);
    });

    it('stay the same if nothing is changed', async () => {
      const { data } = await patch({});
      assert.deepEqual(data, alice.user);
    });

    it('can lose the display name, and are no longer found by it', async () => {
      const carol = await auth.register('carol', { displayName: 'Zebra' });
      assert.deepEqual(await search({ prefix: 'zeb' }), ['carol']);
      const { data } = await patch({ displayName: null }, carol.sessionToken);
      assert.equal(data.displayName, null);
      assert.deepEqual(await search({ prefix: 'zeb' }), []);
    });

    const bad: unknown[] = [
      { displayName: '' },
      { displayName: '   ' },
      { displayName: 'x'.repeat(65) },
      { displayName: 'up\u202edown' },
      ...[
        '\u2800',
        '\u{1d159}',
        '\u3164',
        '\u{e0041}\u{e0042}',
        'Ann\u200f',
        'Ann\u{e0041}',
        'An\u00adn',
        `A${'\u0301'.repeat(63)}`,
        '\u0301A',
        '@admin',
        '@ann',
        '＠ann',
        'Admin',
        'АDМIN',
        'adm1n',
        'Parley Support',
        'parley_support',
        'Security Team',
        'Administrat0r',
        'ᴀdmin',
        'System',
        'Half\ud83d',
      ].map((displayName) => ({ displayName })),
      { displayName: 'two\nlines' },
      { displayName: { $set: 1 } },
      { username: 'mallory' },
      { id: NOBODY },
      { passwordHash: 'x' },
      { deleted: true },
      { avatarId: NOBODY },
      { privacy: { lastSeen: 'no' } },
      { privacy: { extra: true } },
      { 'privacy.lastSeen': false },
      { privacy: null },
      { notifications: [] },
    ];
    for (const body of bad) {
      it(`refuse ${JSON.stringify(body).slice(0, 60)}`, async () => {
        assertRefused(await patch(body), 'invalid_input');
        assert.deepEqual((await get('/me')).data, alice.user);
      });
    }
  });

  describe('of other users', () => {
    it('contain the public fields', async () => {
      const { data } = await get(`/users/${alice.user.id}`, bob.sessionToken);
      const { id } = alice.user;
      const username = 'alice';
      const displayName = 'Alice Liddell';
      assert.deepEqual(data, { id, username, displayName, avatarId: null, deleted: false });
    });

    it('contain only the id of a deleted user', async () => {
      const { user } = await auth.register('leaver', { displayName: 'Leaver' });
      await leave('leaver');
      const { data } = await get(`/users/${user.id}`);
      assert.deepEqual(data, {
        id: user.id,
        username: null,
        displayName: null,
        avatarId: null,
        deleted: true,
      });
    });

    it('do not exist for unknown ids', async () => {
      assertRefused(await get(`/users/${NOBODY}`), 'not_found');
      assertRefused(await get('/users/alice'), 'invalid_input');
    });
  });

  describe('are found', () => {
    before(async () => {
      for (const [username, displayName] of [
        ['dora', 'Ελένη'],
        ['dorian', 'Doris Ａｄａ'],
        ['eve.1', '(Eve) *star*'],
        ['eve_2', '.*'],
        ['evex3', null],
        ['zoe', 'Dorothy'],
      ] as const) {
        await auth.register(username, displayName === null ? {} : { displayName });
      }
    });

    it('by their exact username, ignoring case', async () => {
      assert.deepEqual(await search({ username: 'DORA' }), ['dora']);
      assert.deepEqual(await search({ username: 'dor' }), []);
      assert.deepEqual(await search({ username: '???' }), []);
    });

    it('by a prefix of their username, then of their display name, each in order', async () => {
      assert.deepEqual(await search({ prefix: 'dor' }), ['dora', 'dorian', 'zoe']);
      assert.deepEqual(await search({ prefix: 'Dor' }), ['dora', 'dorian', 'zoe']);
      assert.deepEqual(await search({ prefix: '@dora' }), ['dora']);
    });

    it('by names in other scripts and widths', async () => {
      assert.deepEqual(await search({ prefix: 'ΕΛ' }), ['dora']);
      assert.deepEqual(await search({ prefix: 'doris ada' }), ['dorian']);
      assert.deepEqual(await search({ prefix: 'Ｄｏｒｉｓ' }), ['dorian']);
    });

    it('by any word of their name, folded, whichever word comes first', async () => {
      for (const [username, displayName] of [
        ['u-1', 'José Ñandú García'],
        ['u-2', 'Nguyễn Văn Ơn'],
        ['u-3', 'Straße Müller-Łukasiewicz'],
        ['u-4', 'ΟΔΥΣΣΕΥΣ Λαερτιάδης'],
        ['u-5', 'Søren Ægirsson O’Neill'],
        ['u-6', 'İbrahim Işık'],
        ['u-7', '王小明'],
        ['u-8', 'Đặng Zoë'],
        ['u-9', 'علی احمدی'],
      ] as const) {
        await auth.register(username, { displayName });
      }
      for (const [prefix, username] of [
        ...[
          ['jose', 'u-1'],
          ['garcia', 'u-1'],
          ['nandu garcia jo', 'u-1'],
          ['NGUYEN', 'u-2'],
          ['on nguyen', 'u-2'],
        ],
        ...[
          ['strasse', 'u-3'],
          ['lukas', 'u-3'],
          ['muller', 'u-3'],
          ['ΟΔΥΣΣ', 'u-4'],
          ['λαερτ', 'u-4'],
        ],
        ...[
          ['soren', 'u-5'],
          ['aegir', 'u-5'],
          ['oneill', 'u-5'],
          ["O'Neill", 'u-5'],
          ['isik', 'u-6'],
          ['IBRA', 'u-6'],
        ],
        ...[
          ['小明', 'u-7'],
          ['王小', 'u-7'],
          ['dang', 'u-8'],
          ['zoë', 'u-8'],
          ['احمد', 'u-9'],
          ['علي', 'u-9'],
        ],
      ] as const) {
        const found = await search({ prefix });
        assert.ok(found.includes(username), `${prefix}: ${found.join()}`);
      }
      assert.deepEqual(await search({ prefix: 'jose xy' }), []);
    });

    it('by each word of a name that was stored before there were keys of words', async () => {
      const { user } = await auth.register('earlier', { displayName: 'Early Bïrdson' });
      const users = auth.mongo.db.collection<UserDocument>('users');
      await users.updateOne({ _id: user.id }, { $unset: { nameKeys: '' } });
      assert.deepEqual(await search({ prefix: 'birdson' }), []);
      await nameKeysMigration.up(auth.mongo.db);
      assert.deepEqual(await search({ prefix: 'birdson' }), ['earlier']);
    });

    it('by characters that are special in patterns, taken literally', async () => {
      assert.deepEqual(await search({ prefix: '(e' }), ['eve.1']);
      assert.deepEqual(await search({ prefix: '.*' }), ['eve_2']);
      assert.deepEqual(await search({ prefix: 'eve.' }), ['eve.1']);
      assert.deepEqual(await search({ prefix: 'e.*' }), []);
      assert.deepEqual(await search({ prefix: '^d' }), []);
      assert.deepEqual(await search({ prefix: '\\Q' }), []);
    });

    it('not after the account was deleted', async () => {
      await auth.register('quitter', { displayName: 'Quitter' });
      assert.deepEqual(await search({ prefix: 'quit' }), ['quitter']);
      await leave('quitter');
      assert.deepEqual(await search({ prefix: 'quit' }), []);
      assert.deepEqual(await search({ username: 'quitter' }), []);
    });

    it('not across a block, on either side', async () => {
      const [one, other] = [await auth.register('blocker'), await auth.register('blocked')];
      await auth.mongo.db.collection<{ _id: string }>('blocks').insertOne({
        _id: `${one.user.id}:${other.user.id}`,
        ...{ userId: one.user.id, blockedId: other.user.id, active: true },
        ...{ blockedAt: 1, changedAt: new Date() },
      });
      const find = async (seeker: SignedIn, query: string) => {
        const path = `/users?${query}`;
        const { data } = await get<{ users: PublicProfile[] }>(path, seeker.sessionToken);
        return data.users.map(({ username }) => username);
      };
      assert.deepEqual(await find(one, 'prefix=block'), ['blocker']);
      assert.deepEqual(await find(other, 'prefix=block'), ['blocked']);
      assert.deepEqual(await find(one, 'username=blocked'), []);
      assert.deepEqual(await find(other, 'username=blocker'), []);
      assert.deepEqual(await find(alice, 'prefix=block'), ['blocked', 'blocker']);
    });

    it('as a deleted account, by those whom they block, until the block ends', async () => {
      const [one, other] = [await auth.register('shutter'), await auth.register('shut-out')];
      const blocks = auth.mongo.db.collection<{ _id: string }>('blocks');
      const block = (userId: string, blockedId: string) =>
        blocks.insertOne({
          _id: `${userId}:${blockedId}`,
          ...{ userId, blockedId, active: true, blockedAt: 1, changedAt: new Date() },
        });
      const show = async (viewer: SignedIn, { user }: SignedIn) =>
        (await get<PublicProfile>(`/users/${user.id}`, viewer.sessionToken)).data;
      await block(one.user.id, other.user.id);
      const { id } = one.user;
      const gone = { id, username: null, displayName: null, avatarId: null, deleted: true };
      assert.deepEqual(await show(other, one), gone);
      assert.equal((await show(one, other)).username, 'shut-out');
      assert.equal((await show(alice, one)).username, 'shutter');
      await block(other.user.id, one.user.id);
      assert.equal((await show(other, one)).username, 'shutter');
      await blocks.deleteMany({});
      assert.equal((await show(other, one)).username, 'shutter');
    });

    it('at most twenty, each once', async () => {
      for (let index = 10; index < 35; index += 1) {
        await auth.register(`many-${index}`, { displayName: `Many ${index}` });
      }
      const found = await search({ prefix: 'many' });
      assert.equal(found.length, 20);
      assert.equal(new Set(found).size, 20);
    });

    it('not by fewer than two characters, not counting @ and spaces', async () => {
      for (const prefix of ['', 'a', '\u{1f600}']) {
        const path = `/users?${new URLSearchParams({ prefix }).toString()}`;
        assertRefused(await get(path), 'invalid_input');
      }
      for (const prefix of ['@a', ' a', 'a ']) assert.deepEqual(await search({ prefix }), []);
    });

    it('by either prefix or username, not both', async () => {
      assertRefused(await get('/users'), 'invalid_input');
      assertRefused(await get('/users?username=alice&prefix=al'), 'invalid_input');
    });

    it('not without a session', async () => {
      assertRefused(await auth.call('GET', '/users?prefix=al'), 'unauthenticated');
    });
  });

  it('are never found by a scan of the whole collection', async () => {
    const users = auth.mongo.db.collection<UserDocument>('users');
    const shapes: [string, Filter<UserDocument>, Record<string, 1>][] = [
      ['username', { username: 'alice', deletedAt: null }, {}],
      [
        'username',
        { username: { $gte: 'al', $lt: 'al\u{10ffff}' }, deletedAt: null },
        { username: 1 },
      ],
      [
        'nameKeys',
        { nameKeys: { $elemMatch: { $gte: 'al', $lt: 'al\u{10ffff}' } }, deletedAt: null },
        {},
      ],
      ['changed', { profileChangedAt: { $gte: 1_000 } }, {}],
    ];
    for (const [index, filter, sort] of shapes) {
      const plan = await users.find(filter).sort(sort).limit(20).explain();
      const text = JSON.stringify(plan['queryPlanner']);
      assert.match(text, new RegExp(`"indexName":"${index}"`));
      assert.doesNotMatch(text, /COLLSCAN|"stage":"SORT"/);
    }
  });
});
