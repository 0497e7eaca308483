import assert from 'node:assert/strict';
import { LIMITS } from '@parley/common';
import { authOperations, type AuthOperationName, type HttpBinding } from '@parley/common/contract';
import { z } from 'zod';

import { AuthService, PASSWORD, assertRefused, type SignedIn } from './support/auth-service.ts';

const ID = '01a20336-39a9-7253-8a73-76f36b49cc32';
const names = Object.keys(authOperations) as AuthOperationName[];

function httpOf(name: AuthOperationName): HttpBinding {
  const { http } = authOperations[name];
  assert.ok(http);
  return http;
}

/** A valid input for each operation. Each case below makes one part of it invalid. */
const VALID: Record<AuthOperationName, Record<string, unknown>> = {
  'auth:register': { username: 'mallory', password: PASSWORD, displayName: 'M', deviceName: 'D' },
  'auth:login': { username: 'alice', password: PASSWORD, deviceName: 'D' },
  'auth:logout': {},
  'session:list': {},
  'session:revoke': { id: ID },
  'session:revoke-others': {},
  'auth:password': { currentPassword: PASSWORD, newPassword: 'better horse battery' },
  'me:delete': { password: PASSWORD },
  'admin:user': { user: 'alice' },
  'admin:user-create': { username: 'mallory', displayName: 'M' },
  'admin:user-revoke-sessions': { user: 'alice' },
  'admin:user-delete': { user: 'alice' },
  'admin:user-suspend': { user: 'alice' },
  'admin:user-restore': { user: 'alice' },
  'admin:user-password-reset': { user: 'alice' },
  'auth:password-reset': { token: 'a token', password: 'better horse battery' },
  'me:get': {},
  'me:update': {
    displayName: 'M',
    privacy: { lastSeen: false },
    notifications: { previews: true },
  },
  'user:get': { id: ID },
  'user:search': { prefix: 'al' },
  'meta:get': {},
};

/** Values that are invalid in every field of this service. */
const HOSTILE: unknown[] = [
  { $ne: null },
  { $gt: '' },
  { $regex: '.*' },
  { $where: 'sleep(1000)' },
  [],
  ['alice'],
  [{ $ne: null }],
  {},
  { toString: 'x' },
  true,
  0,
  'x'.repeat(5_000),
  'nul\u0000byte',
];

describe('hostile input', () => {
  let auth: AuthService;
  let alice: SignedIn;
  before(async () => {
    auth = await AuthService.start({
      env: { PARLEY_RATE_LIMITS: 'off', PARLEY_ADMINS: 'alice' },
    });
    alice = await auth.registerAdministrator('alice');
  });
  afterEach(async () => {
    assert.deepEqual(await stored(), untouched);
    assert.equal((await auth.call('GET', '/healthz')).status, 200);
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
  });
  after(() => auth.drop());

  let untouched: unknown;
  beforeEach(async () => {
    untouched = await stored();
  });
  const stored = async () => {
    const { db } = auth.mongo;
    return [
      await db.collection('users').find().toArray(),
      await db.collection('sessions').find().toArray(),
    ];
  };

  /** Calls an operation with an input of which nothing is known. */
  const call = (name: AuthOperationName, input: Record<string, unknown>, token?: string) => {
    const { method, path } = httpOf(name);
    const rest = { ...input };
    const filled = path.replaceAll(/:(\w+)/g, (_: string, field: string) => {
      const value = rest[field];
      Reflect.deleteProperty(rest, field);
      return encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value));
    });
    if (method !== 'GET') return auth.call(method, filled, { token, body: rest });
    const query = Object.entries(rest).map(([key, value]): [string, string] => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    return auth.call(method, `${filled}?${new URLSearchParams(query).toString()}`, { token });
  };

  /** Whether a value is wrong in the field of the operation: a query has no other type than text. */
  const isWrong = (name: AuthOperationName, field: string, value: unknown) =>
    !authOperations[name].input.safeParse({ ...VALID[name], [field]: value }).success;

  describe('in a field', () => {
    for (const name of names) {
      for (const field of Object.keys(VALID[name])) {
        it(`${field} of ${name} is refused`, async () => {
          const asText = httpOf(name).method === 'GET' || field === 'id' || field === 'user';
          for (const value of HOSTILE) {
            const sent = asText && typeof value !== 'string' ? JSON.stringify(value) : value;
            if (!isWrong(name, field, sent)) continue;
            const answer = await call(name, { ...VALID[name], [field]: value }, alice.sessionToken);
            assertRefused(answer, 'invalid_input');
          }
        });
      }
    }

    it('of a query may be taken as text, and then finds no user', async () => {
      for (const prefix of ['{"$ne":null}', '[object Object]', '$where', '.*', '%00']) {
        const answer = await call('user:search', { prefix }, alice.sessionToken);
        assert.deepEqual(answer.data, { users: [] });
      }
    });
  });

  describe('in addition to the fields', () => {
    for (const name of names) {
      it(`of ${name} is refused`, async () => {
        const token = alice.sessionToken;
        const { method } = httpOf(name);
        for (const extra of ['admin', '$where', 'userId', '', 'constructor', 'prototype']) {
          const answer = await call(name, { ...VALID[name], [extra]: 'x' }, token);
          assertRefused(answer, 'invalid_input');
        }
        if (method === 'GET') return;
        const fields = JSON.stringify(VALID[name]).slice(1, -1);
        const bodies = [
          `{"__proto__":{"polluted":true}${fields && ','}${fields}}`,
          `{"constructor":{"prototype":{"polluted":true}}}`,
          `{${fields}${fields && ','}"deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
          `{${fields}`,
          '[]',
          'null',
          '"text"',
          '\u0000',
        ];
        const path = httpOf(name).path.replace(/:(?:id|user)/, ID);
        for (const body of bodies) {
          assertRefused(await auth.call(method, path, { token, body }), 'invalid_input');
        }
      });
    }
  });

  for (const name of names.filter((each) => httpOf(each).method !== 'GET')) {
    it(`to ${name} of another media type or too large is refused`, async () => {
      const { method } = httpOf(name);
      const path = httpOf(name).path.replace(/:(?:id|user)/, ID);
      const token = alice.sessionToken;
      const body = JSON.stringify(VALID[name]);
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/json']) {
        const headers = { 'content-type': type };
        assertRefused(
          await auth.call(method, path, { token, body, headers }),
          'unsupported_media_type',
        );
      }
      const large = JSON.stringify({ ...VALID[name], padding: 'x'.repeat(LIMITS.frameBytes) });
      assertRefused(await auth.call(method, path, { token, body: large }), 'payload_too_large');
    });
  }

  it('with a field in two places is refused', async () => {
    const token = alice.sessionToken;
    const cases: [string, string, unknown?][] = [
      ['DELETE', `/auth/sessions/${ID}`, { id: alice.session.id }],
      ['DELETE', `/auth/sessions/${alice.session.id}?id=${alice.session.id}`],
      ['GET', `/users/${ID}?id=${ID}`],
      ['GET', '/users?prefix=al&prefix=bo'],
      ['GET', '/users?username=alice&username=bob'],
      ['POST', '/auth/login?username=alice', { username: 'alice', password: PASSWORD }],
    ];
    for (const [method, path, body] of cases) {
      assertRefused(await auth.call(method, path, { token, body }), 'invalid_input');
    }
  });

  describe('as a token', () => {
    for (const name of names.filter((each) => !('public' in authOperations[each]))) {
      it(`is refused by ${name}`, async () => {
        const { session, user } = alice;
        const person = { userId: user.id, sessionId: session.id };
        const tokens = [
          undefined,
          'x',
          'x'.repeat(43),
          `${alice.sessionToken}x`,
          alice.sessionToken.toLowerCase(),
          session.id,
          '{"$ne":null}',
          '[object Object]',
          'x'.repeat(3_000),
          await auth.serviceToken({ kind: 'ticket', audience: 'auth', ...person }),
          await auth.serviceToken({ kind: 'ticket', audience: 'messaging', ...person }),
          await auth.serviceToken({ kind: 'service', audience: 'messaging', ...person }),
          await auth.serviceToken({ kind: 'internal', audience: 'auth', ...person }),
          await auth.serviceToken({ kind: 'service', audience: 'auth', ...person, userId: ID }),
          await auth.serviceToken({ kind: 'service', audience: 'auth', ...person, sessionId: ID }),
        ];
        for (const token of tokens) {
          assertRefused(await call(name, VALID[name], token), 'unauthenticated');
        }
        const query = await auth.call('GET', `/me?token=${alice.sessionToken}`);
        assertRefused(query, 'unauthenticated');
        const headers = { cookie: `parley=${alice.sessionToken}` };
        assertRefused(await auth.call('GET', '/me', { headers }), 'unauthenticated');
      });
    }
  });

  it('covers every field of the contract', () => {
    for (const name of names) {
      const schema = z.toJSONSchema(authOperations[name].input, {
        io: 'input',
        unrepresentable: 'any',
      });
      const fields = Object.keys(schema.properties ?? {}).filter(
        (field) => field !== 'username' || name !== 'user:search',
      );
      assert.deepEqual(Object.keys(VALID[name]).sort(), fields.sort(), name);
    }
  });
});

it('a token of another service that names a user is accepted for that user', async () => {
  const auth = await AuthService.start();
  try {
    const { session, user } = await auth.register('alice');
    const token = await auth.serviceToken({
      kind: 'service',
      audience: 'auth',
      userId: user.id,
      sessionId: session.id,
    });
    assert.deepEqual((await auth.call('GET', '/me', { token })).data, user);
    assert.equal((await auth.call('POST', '/auth/logout', { token })).status, 204);
    assertRefused(await auth.call('GET', '/me', { token }), 'session_expired');
  } finally {
    await auth.drop();
  }
});
