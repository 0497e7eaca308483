import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import { ConversationRepository } from '../../src/conversations/conversation-repository.ts';
import { directKeyOf } from '../../src/conversations/direct-key.ts';
import { ContactRepository } from '../../src/conversations/contact-repository.ts';
import { Contacts } from '../../src/presence/contacts.ts';
import { KnownPairs } from '../../src/presence/known-pairs.ts';
import { PresenceRepository } from '../../src/presence/repository.ts';
import { MutualMarks } from '../../src/presence/mutual-marks.ts';
import { WatchLimit } from '../../src/presence/watch-limit.ts';
import type { Profiled } from '../support/profiled.ts';
import { newId, testDatabase } from '../support/test-log.ts';

describe('the queries on presence', () => {
  const [ann, bo, cleo, dan] = [newId(), newId(), newId(), newId()];
  let direct: string;
  let mongo: TestMongo;

  before(async () => {
    mongo = await testDatabase();
    const conversations = new ConversationRepository(mongo.db);
    const create = async (founders: readonly [string, string], kind: 'direct' | 'group') => {
      const [createdBy, other] = founders;
      const { _id } = await conversations.createOnce({
        ...{ _id: newId(), kind, createdBy, createdAt: 1, founders: [...founders] },
        founderTitle: null,
        ...(kind === 'direct' ? { directKey: directKeyOf(createdBy, other) } : {}),
      });
      return _id;
    };
    for (let index = 0; index < 300; index += 1) await create([newId(), newId()], 'direct');
    await create([ann, bo], 'group');
    direct = await create([cleo, ann], 'direct');
    await create([bo, dan], 'direct');
    await mongo.db.command({ profile: 2 });
  });
  after(async () => {
    await mongo.db.command({ profile: 0 });
    await mongo.drop();
  });

  const profiled = (collection: string) =>
    mongo.db
      .collection<Profiled & { ns: string }>('system.profile')
      .find({ ns: `${mongo.db.databaseName}.${collection}` })
      .toArray();

  it('find direct conversations without reading those of other users', async () => {
    const others = [bo, cleo, dan, newId()];
    assert.deepEqual(await new ContactRepository(mongo.db).directsWith(ann, others), [
      { userId: cleo, conversationId: direct, isMutual: false },
    ]);
    const [read] = await profiled('conversations');
    assert.equal(read?.planSummary, 'IXSCAN { directKey: 1 }');
    assert.equal(read.docsExamined, 1);
  });

  it('read and write when users were last online by id, and never move back', async () => {
    const presence = new PresenceRepository(mongo.db);
    await presence.raise([ann, bo], 7);
    await presence.raise([ann], 5);
    await presence.raise([bo], 9);
    await presence.raise([], 9);
    assert.deepEqual(
      await presence.lastSeen([ann, bo, cleo]),
      new Map([
        [ann, 7],
        [bo, 9],
      ]),
    );
    for (const { planSummary } of await profiled('presence')) {
      assert.match(planSummary ?? 'IDHACK', /^(IDHACK|IXSCAN \{ _id: 1 \})$/);
    }
  });
});

describe('known pairs', () => {
  it('are the same in either order, and are all forgotten when there are too many', () => {
    const pairs = new KnownPairs(3);
    for (const other of ['b', 'c', 'c']) pairs.add('a', other);
    pairs.add('c', 'b');
    for (const [one, other] of ['ab', 'ba', 'ac', 'ca', 'bc', 'cb']) {
      assert.ok(pairs.has(one ?? '', other ?? ''));
    }
    assert.ok(!pairs.has('a', 'd'));
    pairs.add('d', 'a');
    assert.ok(pairs.has('a', 'd'));
    assert.ok(!pairs.has('a', 'b'));
  });
});

describe('who are contacts', () => {
  const PEOPLE = 200;
  const ann = newId();
  const others = Array.from({ length: PEOPLE }, () => newId());
  let mongo: TestMongo;
  let byOther: Map<string, string>;

  beforeEach(async () => {
    mongo = await testDatabase();
    const ids = others.map(() => newId());
    byOther = new Map(others.map((other, at) => [other, ids[at] ?? '']));
    await mongo.db.collection<{ _id: string }>('conversations').insertMany(
      others.map((other) => ({
        ...{ _id: byOther.get(other) ?? '', kind: 'direct', createdBy: ann, createdAt: 1 },
        ...{ founders: [ann, other], directKey: directKeyOf(ann, other) },
      })),
    );
    await write(ann, others);
    await mongo.db.command({ profile: 2 });
  });
  afterEach(async () => {
    await mongo.db.command({ profile: 0 });
    await mongo.drop();
  });

  /** Stores a message of a user, or of each of the others, in the direct conversations with them. */
  const write = async (senderId: string | undefined, partners: readonly string[]) => {
    await mongo.db.collection<{ _id: string }>('entries').insertMany(
      partners.map((other) => ({
        ...{ _id: newId(), conversationId: byOther.get(other), kind: 'message', clientId: 'k' },
        ...{ senderId: senderId ?? other, seq: senderId === undefined ? 3 : 2 },
      })),
    );
  };
  const marks = () =>
    new MutualMarks({
      write: (ids) => new ContactRepository(mongo.db).markMutual(ids),
      onFault: (error) => assert.fail(String(error)),
    });
  /** What a node knows that was just started. */
  const contacts = (marking = marks()) =>
    new Contacts({
      repository: new ContactRepository(mongo.db),
      partners: { partnerOf: () => Promise.resolve(null) },
      blocks: { among: () => Promise.resolve(new Map()) },
      marks: marking,
    });
  /** The commands of a call, by what they do where. */
  const commandsOf = async (call: () => Promise<unknown>) => {
    await mongo.db.command({ profile: 0 });
    await mongo.db.dropCollection('system.profile').catch(() => undefined);
    await mongo.db.command({ profile: 2 });
    await call();
    const ns = /\.(conversations|entries)$/;
    const ops = await mongo.db.collection<Profiled>('system.profile').find({ ns }).toArray();
    const commands: Record<string, number> = {};
    for (const { ns: place, op } of ops) {
      const name = `${op} ${place.slice(place.indexOf('.') + 1)}`;
      commands[name] = (commands[name] ?? 0) + 1;
    }
    return commands;
  };

  it('is found with one command for 200 people, also by a node that has just started', async () => {
    await write(undefined, others);
    const marking = marks();
    const first = await contacts(marking).among(ann, others);
    assert.equal(first.size, PEOPLE);
    await marking.settled();
    let found: ReadonlySet<string> = new Set();
    const node = contacts();
    const commands = await commandsOf(async () => (found = await node.among(ann, others)));
    assert.deepEqual(commands, { 'query conversations': 1 });
    assert.deepEqual([...found].sort(), [...others].sort());
    assert.deepEqual(await commandsOf(() => node.among(ann, others)), {});
    // As the other one sees it, too.
    const [bo = ''] = others;
    assert.deepEqual(await contacts().among(bo, [ann]), new Set([ann]));
  });

  it('is answered before it is stored', async () => {
    await write(undefined, others);
    const stored: string[] = [];
    let store: () => void = () => assert.fail('Nothing was to be stored');
    const marking = new MutualMarks({
      write: (ids) =>
        new Promise((resolve) => {
          store = () => {
            stored.push(...ids);
            resolve();
          };
        }),
      onFault: (error) => assert.fail(String(error)),
    });
    assert.equal((await contacts(marking).among(ann, others)).size, PEOPLE);
    assert.deepEqual(stored, []);
    store();
    await marking.settled();
    assert.deepEqual(stored.sort(), [...byOther.values()].sort());
  });

  it('costs one look at each conversation in which the other one has not written', async () => {
    const commands = await commandsOf(() => contacts().among(ann, others));
    assert.deepEqual(commands, { 'query conversations': 1, 'query entries': PEOPLE });
  });

  it('is not looked up beyond a limit, and found out when it may be', async () => {
    await write(undefined, others);
    const limit = new WatchLimit(() => 0);
    let looks = 0;
    const mayLookUp = () => limit.mayLookUp('ann') && (looks += 1) <= 50;
    const marking = marks();
    assert.equal((await contacts(marking).among(ann, others, mayLookUp)).size, 50);
    await marking.settled();
    const commands = await commandsOf(() => contacts().among(ann, others, () => false));
    assert.deepEqual(commands, { 'query conversations': 1 });
    assert.equal((await contacts().among(ann, others)).size, PEOPLE);
  });

  it('is looked up for a user who asks about strangers all the time at most 20 times a second', () => {
    let time = 0;
    const limit = new WatchLimit(() => time);
    let looks = 0;
    for (; time < 10_000; time += 5) if (limit.mayLookUp('eve')) looks += 1;
    assert.ok(looks <= 500 + 10 * 20, `${looks} looks`);
    assert.ok(limit.mayLookUp('ann'));
  });
});
