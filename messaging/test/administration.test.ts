import assert from 'node:assert/strict';
import { ServiceTokens } from '@parley/backend-common';
import { recordingLogger } from '@parley/backend-common/testing';
import type { OperationOutput } from '@parley/common/contract';

import { keyOf } from '../src/push/outbox/push-document.ts';
import { call } from './support/connections.ts';
import type { Person } from './support/people.ts';
import { request } from './support/http.ts';
import { SECRET, TestStack } from './support/stack.ts';
import { newId } from './support/test-log.ts';

type Json = Record<string, unknown>;
const OPERATIONS = ['conversations/x', 'conversations/x/members', 'push/x', 'stats'] as const;

describe('administrators who look into messaging', () => {
  let stack: TestStack;
  let url = '';
  let root: Person;
  let ann: Person;
  let ben: Person;
  const log = recordingLogger();

  before(async () => {
    stack = await TestStack.create();
    [root, ann, ben] = (await Promise.all([1, 2, 3].map(() => stack.people.create()))) as [
      Person,
      Person,
      Person,
    ];
    const env = { PARLEY_ADMINS: root.userId };
    ({ url } = await stack.node(env, { logger: log.logger }));
  });
  after(() => stack.close());

  const look = async (path: string, as = root) => {
    const { body, status } = await request(`${url}/admin/${path}`, { as });
    return { status, body: body as Json };
  };
  const users = () => stack.mongo.db.collection<{ _id: string }>('users');

  it('are refused unless the configuration lists them and they are not suspended', async () => {
    for (const path of OPERATIONS) assert.equal((await look(path, ben)).body['code'], 'forbidden');
    await users().updateOne({ _id: root.userId }, { $set: { suspendedAt: 1 } });
    for (const path of OPERATIONS) assert.equal((await look(path)).body['code'], 'forbidden');
    await users().updateOne({ _id: root.userId }, { $set: { suspendedAt: null } });
    assert.equal((await look('stats')).status, 200);
  });

  it('see a conversation and its members, and nothing of what they write', async () => {
    const id = await stack.group(url, [ann, ben]);
    const socket = await stack.connections.open(url, ann);
    const text = 'nobody else reads this';
    await call(socket, 'message:send', { conversationId: id, clientId: newId(), text });
    const seen = (await look(`conversations/${id}`)).body as OperationOutput<'admin:conversation'>;
    assert.equal(seen.kind, 'group');
    assert.equal(seen.memberCount, 2);
    assert.equal(seen.lastSeq, 2);
    const path = `conversations/${id}/members`;
    const { members } = (await look(path)).body as OperationOutput<'admin:conversation-members'>;
    const roles = members.map(({ role, userId }) => [userId, role]).sort();
    assert.deepEqual(
      roles,
      [
        [ann.userId, 'owner'],
        [ben.userId, 'member'],
      ].sort(),
    );
    assert.match(members[0]?.username ?? '', /^user-/);
    assert.doesNotMatch(JSON.stringify([seen, members]), /nobody else|Friends/);
  });

  it('are told that a conversation does not exist, or that its id is none', async () => {
    for (const more of ['', '/members']) {
      const unknown = await look(`conversations/${newId()}${more}`);
      assert.equal(unknown.body['code'], 'not_found');
      assert.equal((await look(`conversations/x${more}`)).body['code'], 'invalid_input');
    }
  });

  it('see the devices and pushes of an account, without the tokens', async () => {
    const socket = await stack.connections.open(url, ben);
    const token = `secret-token:${newId()}`;
    await call(socket, 'device:register', { token, platform: 'android' });
    const outbox = stack.mongo.db.collection<{ _id: string }>('push_outbox');
    const [waiting, sent] = [newId(), newId()];
    const shared = { userId: ben.userId, isAway: false, attempts: 0, removeAt: new Date(2 ** 42) };
    const pushed = { from: 2, seq: 3, at: new Date(1_000), deviceIds: [newId()] };
    await outbox.insertMany([
      { ...shared, _id: keyOf(ben.userId, sent), conversationId: sent, seq: 3, pushed },
      {
        ...{ ...shared, _id: keyOf(ben.userId, waiting), conversationId: waiting, seq: 5 },
        ...{ attempts: 2, dueAt: new Date(2 ** 42) },
      },
    ] as never);
    const { username } = (await users().findOne({ _id: ben.userId })) as unknown as {
      username: string;
    };
    for (const name of [username, username.toUpperCase(), ben.userId]) {
      const body = (await look(`push/${name}`)).body as OperationOutput<'admin:push'>;
      assert.equal(body.userId, ben.userId);
      assert.equal(body.devices[0]?.tokenEnd, token.slice(-6));
      assert.doesNotMatch(JSON.stringify(body), /secret-token/);
      const shown = body.pushes.map(({ attempts, conversationId, sent: last }) => {
        return [conversationId, attempts, last?.seq];
      });
      assert.deepEqual(shown, [
        [waiting, 2, undefined],
        [sent, 0, 3],
      ]);
    }
    assert.equal((await look('push/no-such-user')).body['code'], 'not_found');
    assert.equal((await look('push/no%20name')).body['code'], 'invalid_input');
  });

  it('see how much there is', async () => {
    const socket = await stack.connections.open(url, ann);
    const body = (await look('stats')).body as OperationOutput<'admin:stats'>;
    assert.equal(body.accounts, 3);
    assert.ok(body.sockets >= 1 && body.conversations >= 1 && body.entries >= 1);
    assert.equal(body.queues.accountRemovals, 0);
    socket.disconnect();
  });

  it('leave a line in the audit log each time, also when they are refused', async () => {
    const id = newId();
    const before = log.lines.length;
    await look('stats');
    await look(`conversations/${id}`);
    await look('stats', ben);
    const audited = log.lines
      .slice(before)
      .map((line) => JSON.parse(line) as Json)
      .filter(
        ({ event, operation }) => event !== undefined && String(operation).startsWith('admin:'),
      )
      .map(({ code, event, target }) => [event, code, target]);
    assert.deepEqual(audited, [
      ['stats_shown', undefined, {}],
      ['administration_refused', 'not_found', { conversationId: id }],
      ['forbidden', 'forbidden', {}],
    ]);
  });

  it('are limited in how often they ask', async () => {
    const answers = await Promise.all(Array.from({ length: 120 }, () => look('stats')));
    assert.ok(answers.some(({ body }) => body['code'] === 'rate_limited'));
  });

  it('may ask with the secret of the services in place of a session, and nobody else', async () => {
    const tokens = new ServiceTokens({ secret: SECRET, now: Date.now });
    const ask = async (token: string, operation: string) => {
      const response = await fetch(`${url}/internal/administration`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ operation, input: {}, operator: 'olga' }),
      });
      return (await response.json()) as Json;
    };
    const { token } = await tokens.issue({ kind: 'internal', audience: 'messaging' });
    assert.equal((await ask(token, 'admin:stats'))['accounts'], 3);
    assert.ok(log.lines.some((line) => line.includes('"operator":"olga"')));
    assert.equal((await ask(token, 'conversation:list'))['code'], 'invalid_input');
    const other = await tokens.issue({ kind: 'internal', audience: 'auth' });
    for (const wrong of [other.token, root.token, 'x']) {
      assert.equal((await ask(wrong, 'admin:stats'))['code'], 'unauthenticated');
    }
  });
});
