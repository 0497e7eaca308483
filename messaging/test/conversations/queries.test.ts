import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import { ConversationRepository } from '../../src/conversations/conversation-repository.ts';
import { LogLagRepository } from '../../src/conversations/log-lag-repository.ts';
import { MemberRepository } from '../../src/conversations/member-repository.ts';
import { NewsRepository } from '../../src/conversations/news-repository.ts';
import { profiled, type Calls } from '../support/profiled.ts';
import { newId, testDatabase } from '../support/test-log.ts';

const ann = newId();
const others = Array.from({ length: 30 }, () => newId());
const conversationId = newId();
const stretch = { conversationId, after: 0, upTo: 5 };
const place = { _id: conversationId, membersSeq: 0, foldedSeq: 0 };

describe('queries on conversations and members', () => {
  let mongo: TestMongo;
  let members: MemberRepository;
  let conversations: ConversationRepository;
  let lag: LogLagRepository;
  let news: NewsRepository;
  before(async () => {
    mongo = await testDatabase();
    members = new MemberRepository(mongo.db);
    conversations = new ConversationRepository(mongo.db);
    lag = new LogLagRepository(mongo.db);
    news = new NewsRepository(mongo.db);
    await fill();
  });
  after(async () => {
    await mongo.db.command({ profile: 0 });
    await mongo.drop();
  });

  /** The calls name every method: a new query without its line here does not compile. */
  const memberCalls = (): Calls<MemberRepository> => ({
    find: () => members.find(conversationId, ann),
    findOwn: () => members.findOwn(ann, [conversationId]),
    findMarks: () => members.findMarks([{ conversationId, userId: ann }]),
    progressOf: () => members.progressOf(conversationId),
    receiptsOf: () => members.receiptsOf([conversationId]),
    conversationIdsOf: () => members.conversationIdsOf(ann),
    pageOf: () => members.pageOf(ann, { after: newId(), limit: 10 }),
    allOf: () => members.allOf(ann),
    pinnedIdsOf: () => members.pinnedIdsOf(ann),
    countsOf: () => members.countsOf([ann, ...others]),
    project: () => members.project([joined(conversationId, ann, 9)]),
    raiseMarks: () => members.raiseMarks([{ conversationId, userId: ann, deliveredSeq: 3 }]),
    changeSettings: () => members.changeSettings(conversationId, ann, { pinned: true }),
    removeAll: () => members.removeAll(newId()),
  });
  const conversationCalls = (): Calls<ConversationRepository> => ({
    find: () => conversations.find(conversationId),
    findMany: () => conversations.findMany([conversationId, newId()]),
    findDirect: () => conversations.findDirect('a:b'),
    findCreated: () => conversations.findCreated(ann, 'k0'),
    createOnce: () => conversations.createOnce(group('k0')),
    activity: () => conversations.activity([conversationId, newId()]),
    setProjected: () =>
      conversations.setProjected(conversationId, { from: 5, seq: 6, title: 'T', memberCount: 2 }),
    raiseFolded: () => conversations.raiseFolded(conversationId, 3),
    raiseSummaries: () =>
      conversations.raiseSummaries(new Map([[conversationId, { lastSeq: 2, lastAt: 2 }]])),
    markErased: () => conversations.markErased(newId(), { at: 1, seq: 1 }),
    findErased: () => conversations.findErased({ before: 5, limit: 10 }),
    remove: () => conversations.remove(newId()),
  });
  const lagCalls = (): Calls<LogLagRepository> => ({
    membersBehind: () => lag.membersBehind([place, { ...place, _id: newId() }]),
    foldsBehind: () => lag.foldsBehind([place, { ...place, _id: newId() }]),
  });

  const newsCalls = (): Calls<NewsRepository> => ({
    lastMessages: () => news.lastMessages([stretch, { ...stretch, conversationId: newId() }]),
    countUnread: () => news.countUnread(ann, [stretch, { ...stretch, conversationId: newId() }]),
  });

  for (const calls of [memberCalls, conversationCalls, lagCalls, newsCalls]) {
    for (const name of Object.keys(calls())) {
      it(`${name} of ${calls.name} scans no collection`, async () => {
        const call = (calls() as Record<string, () => Promise<unknown>>)[name]!;
        for (const { op, planSummary } of await seen(call)) {
          if (op === 'insert') continue;
          assert.match(planSummary ?? '', /^(IXSCAN|IDHACK|COUNT_SCAN|DISTINCT_SCAN)/, name);
        }
      });
    }
  }

  it('read no document where an index has the answer', async () => {
    const covered = {
      conversationIdsOf: () => members.conversationIdsOf(ann),
      pinnedIdsOf: () => members.pinnedIdsOf(ann),
      countsOf: () => members.countsOf([ann]),
      activity: () => conversations.activity([conversationId]),
    };
    for (const [name, call] of Object.entries(covered)) {
      const [query] = await seen(call);
      assert.equal(query?.docsExamined, 0, name);
    }
  });

  /** What the server did for a call, which is something. */
  async function seen(call: () => Promise<unknown>) {
    const found = await profiled(mongo, /\.(members|conversations|entries)$/, call);
    assert.notEqual(found.length, 0);
    return found;
  }

  async function fill(): Promise<void> {
    for (const [index, other] of others.entries()) {
      const { _id } = await conversations.createOnce(group(`k${index}`));
      await members.project([joined(_id, ann, 1), joined(_id, other, 1)]);
    }
    await conversations.createOnce({ ...group('own'), _id: conversationId });
    await members.project([joined(conversationId, ann, 1)]);
    await members.changeSettings(conversationId, ann, { pinned: true });
  }
});

function group(clientId: string) {
  const founding = { createdBy: ann, createdAt: 0, founders: [ann], founderTitle: 'T' };
  return { _id: newId(), kind: 'group', clientId, ...founding } as const;
}

function joined(id: string, userId: string, seq: number) {
  return {
    ...{ conversationId: id, userId, seq },
    member: { role: 'member' as const, joinedSeq: 1, joinedAt: 0 },
  };
}
