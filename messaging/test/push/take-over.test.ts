import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { testRedisUrl } from '@parley/backend-common/testing';
import type { Socket } from 'socket.io-client';

import type { NodeDocument } from '../../src/push/heartbeat/node-repository.ts';
import { call, collected, heard } from '../support/connections.ts';
import { request } from '../support/http.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';
import { testLog, type TestLog } from '../support/test-log.ts';
import { until } from '../support/until.ts';

/** The author writes the entry of a change and crashes; no node has the conversation open. */
describe('a node that is killed between a change of members and its projection', function () {
  let stack: TestStack;
  let here: RunningService;
  let there: RunningService;
  let author: TestLog;
  let conversationId: string;
  let ann: Person;
  let ben: Person;
  let cleo: Person;

  before(async () => {
    stack = await TestStack.create();
    const env = { REDIS_URL: testRedisUrl(), PARLEY_RATE_LIMITS: 'off' };
    here = await stack.node(env);
    there = await stack.node(env);
  });
  beforeEach(async () => {
    [ann, ben, cleo] = (await Promise.all([1, 2, 3].map(() => stack.people.create()))) as [
      Person,
      Person,
      Person,
    ];
    conversationId = await stack.group(here.url, [ann, ben]);
    author = testLog(stack.mongo, {
      projector: {
        project: () => Promise.reject(new Error('The node has died')),
        heal: () => Promise.resolve([]),
      },
    });
  });
  afterEach(() => author.log.close());
  after(() => stack.close());

  const nodes = () => stack.mongo.db.collection<NodeDocument>('nodes');
  /** The author changes the members, and is killed at once. */
  const dieAfter = async (action: 'added' | 'removed', { userId }: Person) => {
    const role = action === 'added' ? ('member' as const) : null;
    const content = { kind: 'members', action, userIds: [userId], role } as const;
    await author.log.append({ conversationId, senderId: ann.userId, content });
    const dead = { _id: 'dead', flushedTo: Date.now(), aliveUntil: new Date() };
    await nodes().insertOne(dead);
  };
  const takenOver = () => until(async () => (await nodes().countDocuments({ _id: 'dead' })) === 0);
  const isPresent = async ({ userId }: Person) =>
    (await stack.mongo.db.collection('members').findOne({ conversationId, userId }))?.[
      'present'
    ] === true;
  const open = async ({ url }: RunningService, person: Person): Promise<Socket> => {
    const socket = await stack.connections.open(url, person);
    await call(socket, 'sync');
    return socket;
  };

  it('does not keep an added member out: the others show the conversation to its sockets', async () => {
    const sockets = [await open(here, cleo), await open(there, cleo)];
    const added = sockets.map((socket) =>
      heard(socket, 'conversation', ({ action }) => action === 'added'),
    );
    const entries = sockets.map((socket) => collected(socket, 'entry'));
    await dieAfter('added', cleo);
    assert.ok(!(await isPresent(cleo)));
    await Promise.all(added);
    assert.ok(await isPresent(cleo));
    await request(`${here.url}/conversations/${conversationId}/messages`, {
      ...{ method: 'POST', as: ann },
      body: { clientId: 'welcome', text: 'Welcome' },
    });
    await until(() => entries.every((each) => each.length === 2));
    for (const each of entries) {
      assert.deepEqual(
        each.map(({ kind, seq }) => [kind, seq]),
        [
          ['members', 2],
          ['message', 3],
        ],
      );
    }
    await takenOver();
  });

  it('does not leave a removed member in the list of heads', async () => {
    await dieAfter('removed', ben);
    assert.ok(await isPresent(ben));
    await takenOver();
    assert.ok(!(await isPresent(ben)));
    const { body } = await request(`${there.url}/sync`, { method: 'POST', as: ben, body: {} });
    assert.deepEqual(body, { heads: [], hasMore: false, syncToken: null, changes: null });
  });
});
