import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  connectRedis,
  waitForRedis,
  type Redis,
  type RunningService,
  type S3ObjectStore,
} from '@parley/backend-common';
import {
  silentLogger,
  testObjectStore,
  testObjectStoreSettings,
  testRedisUrl,
} from '@parley/backend-common/testing';
import type { UserDocument } from '@parley/backend-common/domain';
import { DAY, SECOND } from '@parley/common';
import type { Conversation, Entry, Upload } from '@parley/common/contract';

import { PAGE, REST, SETTLED_AFTER } from '../../src/account-removal/remover.ts';
import { call, closed, collected, heard, refusal } from '../support/connections.ts';
import { request } from '../support/http.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';
import { newId } from '../support/test-log.ts';
import { until } from '../support/until.ts';

/** The steps of a removal, in their order. */
const STEPS = [
  ...['devices', 'link', 'files', 'groups', 'direct', 'abandoned'],
  ...['cursors', 'status', 'counts', 'presence', 'confirm'],
];

/** What messaging calls of the auth service. */
class AuthStandIn {
  readonly removed: string[] = [];
  readonly #server: Server;

  constructor(onRemoved: (userId: string) => Promise<void>) {
    this.#server = createServer((incoming, response) => {
      let text = '';
      incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
      incoming.on('end', () => {
        const { userId } = JSON.parse(text) as { userId?: string };
        const isRemoval = incoming.url === '/internal/accounts/removed' && userId !== undefined;
        if (isRemoval) this.removed.push(userId);
        const done = isRemoval ? onRemoved(userId) : Promise.resolve();
        void done.then(
          () => response.writeHead(204).end(),
          () => response.writeHead(503).end(),
        );
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
  }
}

describe('the removal of a deleted account', function () {
  this.timeout(60_000);
  let stack: TestStack;
  let auth: AuthStandIn;
  let env: Record<string, string>;
  let node: RunningService;
  let offset: number;
  let crashBefore: string | undefined;
  let reached: string[];
  let redis: Redis;
  let objects: S3ObjectStore;
  let store: ReturnType<typeof testObjectStoreSettings>;

  before(async () => {
    redis = connectRedis({ url: testRedisUrl(), name: 'test', logger: silentLogger() });
    await waitForRedis(redis);
    store = testObjectStoreSettings();
    objects = testObjectStore({ settings: store });
  });
  after(() => {
    redis.disconnect();
    objects.close();
  });

  beforeEach(async () => {
    stack = await TestStack.create();
    offset = 0;
    reached = [];
    crashBefore = undefined;
    auth = new AuthStandIn(async (userId) => {
      await stack.mongo.db.collection('sessions').deleteMany({ userId });
      await users().updateOne({ _id: userId }, { $unset: { removalSince: '' } });
    });
    env = {
      PARLEY_RATE_LIMITS: 'off',
      PARLEY_AUTH_URL: await auth.listen(),
      REDIS_URL: testRedisUrl(),
      S3_ENDPOINT: store.endpoint,
      S3_BUCKET: store.bucket,
      S3_ACCESS_KEY_ID: store.secret.accessKeyId,
      S3_SECRET_ACCESS_KEY: store.secret.secretAccessKey,
    };
    node = await start();
  });
  afterEach(async () => {
    await stack.close();
    auth.close();
  });

  const users = () => stack.mongo.db.collection<UserDocument>('users');
  const now = () => Date.now() + offset;
  const start = () =>
    stack.node(env, {
      now,
      accountRemoval: {
        every: 10,
        onStep(name) {
          reached.push(name);
          if (name === crashBefore) throw new Error('dead');
        },
      },
    });
  const post = async (path: string, as: Person, body: object) => {
    const answer = await request(`${node.url}${path}`, { method: 'POST', as, body });
    assert.ok(answer.status < 300, JSON.stringify(answer.body));
    return answer.body as Record<string, unknown>;
  };
  const send = (as: Person, conversationId: string, text: string) =>
    post(`/conversations/${conversationId}/messages`, as, { clientId: newId(), text });

  /** Deletes an account as the auth service does. */
  const deleteAccount = async ({ userId }: Person) => {
    const at = now();
    await users().updateOne(
      { _id: userId },
      {
        $set: {
          ...{ deletedAt: at, removalSince: at, profileChangedAt: at },
          ...{ displayName: null, nameKeys: [], passwordHash: '' },
        },
      },
    );
    await stack.mongo.db
      .collection('sessions')
      .updateMany({ userId }, { $set: { revokedAt: at, removeAt: new Date(at + DAY) } });
  };
  /** Tries a removal again and again, without the backoff, until a condition holds. */
  const tried = async (holds: () => boolean) => {
    // The object store accepts no clock that is far ahead.
    offset = 2 * SETTLED_AFTER;
    await until(async () => {
      if (holds()) return true;
      const removals = stack.mongo.db.collection('account_removals');
      await removals.updateMany({}, { $set: { dueAt: new Date(0) } });
      return false;
    });
  };
  const documents = (name: string, filter: Record<string, unknown>) =>
    stack.mongo.db.collection(name).find(filter).toArray();
  /** The collections with a document that contains a text. */
  const stored = async (text: string) => {
    const found: string[] = [];
    for (const collection of await stack.mongo.db.collections()) {
      const all = JSON.stringify(await collection.find().toArray());
      if (all.includes(text)) found.push(collection.collectionName);
    }
    return found;
  };

  /** A user with something in every collection. */
  async function busyPerson() {
    const [ann, ben, cleo] = [
      await stack.people.create(),
      await stack.people.create(),
      await stack.people.create(),
    ];
    const socket = await stack.connections.open(node.url, ann);
    const plain = stack.connections.prepare(node.url, { token: ann.token });
    await heard(plain, 'ready');
    const token = `token:${newId()}`;
    await call(socket, 'device:register', { token, platform: 'web' });
    await call(socket, 'app:state', { state: 'foreground' });
    await call(socket, 'status:set', { status: 'BUSY', statusExpiration: null });
    const { linkCode } = (await call(socket, 'link:create')) as { linkCode: string };
    await post('/linking/confirm', ben, { linkCode });
    await call(socket, 'block:add', { userId: cleo.userId });
    const direct = await stack.direct(node.url, ann, ben);
    await send(ann, direct, 'Hello Ben');
    await send(ben, direct, 'Hello Ann');
    const group = await stack.group(node.url, [ann, ben]);
    await send(ann, group, 'Hello both');
    const alone = await stack.group(node.url, [ann]);
    await send(ann, alone, 'A note to myself');
    const upload = await uploadOf(ann, direct);
    return { ann, ben, cleo, sockets: [socket, plain], token, direct, group, alone, upload };
  }

  /** A file that is uploaded and never sent. */
  async function uploadOf(as: Person, conversationId: string) {
    const bytes = Buffer.from('an unsent secret file');
    const announced = { conversationId, name: 'unsent.txt', contentType: 'text/plain' };
    const created = await post('/attachments', as, { ...announced, size: bytes.length });
    const { headers, url } = created['upload'] as Extract<Upload, { kind: 'single' }>;
    assert.equal((await fetch(url, { method: 'PUT', headers, body: bytes })).status, 200);
    const { id } = created['attachment'] as { id: string };
    await post(`/attachments/${id}/complete`, as, {});
    return id;
  }

  it('goes on after a crash before any of its steps, and leaves messages and ids', async () => {
    const { alone, ann, ben, direct, group, sockets, token, upload } = await busyPerson();
    const onBen = await stack.connections.open(node.url, ben);
    const entries = collected(onBen, 'entry');
    const gone = Promise.all(sockets.map(closed));
    await deleteAccount(ann);
    await gone;
    const [file] = await documents('attachments', { _id: upload });
    assert.notEqual(await objects.head(String(file?.['key'])), null);

    for (const step of STEPS) {
      crashBefore = step;
      const seen = reached.length;
      await tried(() => reached.slice(seen).includes(step));
      assert.deepEqual(auth.removed, []);
    }
    await node.close();
    crashBefore = undefined;
    node = await start();
    await tried(() => auth.removed.includes(ann.userId));
    await until(async () => (await documents('account_removals', {})).length === 0);

    // Two groups were left, one of them by its last member.
    assert.deepEqual(
      await documents('conversations', { _id: alone, erasedAt: { $exists: false } }),
      [],
    );
    for (const name of ['devices', 'push_outbox', 'invitations', 'sessions']) {
      assert.deepEqual(await documents(name, { userId: ann.userId }), [], name);
    }
    assert.deepEqual(await stored(token), []);
    assert.deepEqual(await stored(ann.sessionId), []);
    assert.deepEqual(await stored('unsent.txt'), []);
    await until(async () => (await objects.head(String(file?.['key']))) === null);
    const ids = ['attachments', 'blocks', 'conversations', 'entries', 'members', 'users'];
    // A partner is sent the end of the link by these.
    const events = ['push_outbox', 'statuses'];
    const left = await stored(ann.userId);
    assert.deepEqual(
      left.filter((name) => ![...ids, ...events].includes(name)),
      [],
    );
    assert.deepEqual(await documents('statuses', { _id: ann.userId }), []);
    assert.deepEqual(await documents('statuses', { partnerId: ann.userId }), []);
    assert.deepEqual(
      await documents('members', { userId: ann.userId, present: true, role: { $ne: null } }),
      [],
    );
    assert.deepEqual(await redis.keys(`*${ann.userId}*`), []);

    const changes = entries.filter((entry) => entry.kind === 'members');
    assert.deepEqual(
      changes.map(({ action, conversationId, senderId }) => [conversationId, senderId, action]),
      [[group, ann.userId, 'left']],
    );
    const later = await stack.connections.open(node.url, ben);
    const seen = (await call(later, 'conversation:get', { conversationId: group })) as Conversation;
    assert.deepEqual(
      seen.members.map(({ role }) => role),
      ['owner'],
    );
    const page = (await call(later, 'conversation:entries', { conversationId: direct })) as {
      entries: Entry[];
    };
    assert.match(JSON.stringify(page.entries), /Hello Ben/);
  });

  it('ends what others could still do with the account', async () => {
    const { ann, ben, cleo, direct } = await busyPerson();
    const onBen = await stack.connections.open(node.url, ben);
    const onCleo = await stack.connections.open(node.url, cleo);
    await call(onCleo, 'block:add', { userId: ann.userId });
    const unlinked = heard(onBen, 'partner', ({ type }) => type === 'PARTNER_UNLINKED');
    await deleteAccount(ann);
    offset += REST + SECOND;
    await until(() => reached.includes('presence'));
    await unlinked;
    const message = { conversationId: direct, clientId: newId(), text: 'Are you there?' };
    assert.equal(await refusal(onBen, 'message:send', message), 'recipient_unavailable');
    const again = { kind: 'direct', userId: ann.userId };
    assert.equal(await refusal(onBen, 'conversation:create', again), 'recipient_unavailable');
    assert.deepEqual(await call(onCleo, 'block:list'), { blocks: [] });
    const { peer } = (await call(onBen, 'conversation:get', {
      conversationId: direct,
    })) as Conversation;
    assert.equal(peer?.deleted, true);
  });

  it('waits until other nodes know of it, and is repeated once nothing can be in progress', async () => {
    const { ann } = await busyPerson();
    await deleteAccount(ann);
    offset += REST - 2 * SECOND;
    const kept = await stack.people.create();
    await deleteAccount(kept);
    offset += 2 * SECOND;
    await until(() => reached.includes('presence'));
    assert.deepEqual(auth.removed, []);
    // A request of the account that was in progress.
    const late = { _id: newId(), userId: ann.userId, sessionId: newId(), token: newId(), slot: 7 };
    await stack.mongo.db.collection<{ _id: string }>('devices').insertOne(late);
    reached = [];
    offset += SETTLED_AFTER;
    await until(() => auth.removed.length === 2);
    assert.deepEqual(await documents('devices', { userId: ann.userId }), []);
  });

  it('removes accounts behind those that cannot be removed', async () => {
    const { ann } = await busyPerson();
    const at = now();
    const stuck = Array.from({ length: 2 * PAGE }, (_, index) => ({
      ...{ _id: newId(), username: newId(), displayName: null, nameKeys: [], avatarId: null },
      ...{ createdAt: at, deletedAt: at, removalSince: at - (index % 7) },
    }));
    await users().insertMany(stuck as unknown as UserDocument[]);
    const removals = stack.mongo.db.collection<{ _id: string }>('account_removals');
    // They are in the queue, and not due for a long time.
    const [dueAt, since] = [new Date(at + DAY), at];
    await removals.insertMany(stuck.map(({ _id }) => ({ _id, dueAt, since })));
    await deleteAccount(ann);
    offset += 2 * SETTLED_AFTER;
    await until(() => auth.removed.includes(ann.userId));
  });

  it('purges a direct conversation of which both accounts are deleted', async () => {
    const { ann, ben, direct } = await busyPerson();
    await deleteAccount(ann);
    offset += 2 * SETTLED_AFTER;
    await until(() => auth.removed.includes(ann.userId));
    assert.equal((await documents('conversations', { _id: direct })).length, 1);
    await deleteAccount(ben);
    offset += 2 * SETTLED_AFTER;
    await until(() => auth.removed.includes(ben.userId));
    const [left] = await documents('conversations', { _id: direct });
    // It is hidden; its entries follow within minutes.
    assert.ok(left === undefined || left['erasedSeq'] === 4);
  });
});
