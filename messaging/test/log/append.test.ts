import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import { CREATION_KEY } from '../../src/log/state-loader.ts';
import {
  codeOf,
  directOf,
  groupOf,
  newId,
  say,
  stored,
  testDatabase,
  testLog,
  type TestLog,
} from '../support/test-log.ts';

describe('appending to a log', () => {
  let mongo: TestMongo;
  let node: TestLog;

  before(async () => {
    mongo = await testDatabase();
    node = testLog(mongo);
  });

  after(async () => {
    await node.log.close();
    await mongo.drop();
  });

  it('starts every log with an entry that adds its first members', async () => {
    const { ann, ben, conversationId } = await directOf(node);
    const state = await node.log.state(conversationId);
    assert.equal(state.seq, 1);
    assert.deepEqual([...state.membership.members.keys()], [ann, ben]);
    const [first] = await stored(mongo, conversationId);
    assert.equal(first?.kind, 'members');
    assert.equal(first.clientId, CREATION_KEY);
  });

  it('writes entry 1 once when several nodes load the conversation at the same time', async () => {
    const nodes = Array.from({ length: 4 }, () => testLog(mongo));
    const { conversationId } = await directOf(node);
    await Promise.all(
      nodes.flatMap(({ log }) => [1, 2, 3, 4, 5].map(() => log.state(conversationId))),
    );
    assert.equal((await stored(mongo, conversationId)).length, 1);
    for (const { log } of nodes) await log.close();
  });

  it('writes 500 entries of one sender once, in order and without gaps', async () => {
    const { ann, conversationId } = await directOf(node);
    const texts = Array.from({ length: 500 }, (_, index) => `message ${index}`);
    const appended = await Promise.all(
      texts.map((text) =>
        node.log.append({ conversationId, senderId: ann, clientId: newId(), content: say(text) }),
      ),
    );
    assert.ok(appended.every(({ kind }) => kind === 'written'));
    const entries = await stored(mongo, conversationId);
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      Array.from({ length: 501 }, (_, index) => index + 1),
    );
    assert.deepEqual(
      entries.slice(1).map((entry) => entry.kind === 'message' && entry.text),
      texts,
    );
  });

  it('publishes entries in order, before it acknowledges them', async () => {
    const { ann, conversationId } = await directOf(node);
    const announced: number[] = [];
    const watching = testLog(mongo);
    watching.log.subscribe(({ entries }) =>
      announced.push(...entries.map(({ document }) => document.seq)),
    );
    const acknowledged = await Promise.all(
      [1, 2, 3, 4].map(async (number) => {
        const appended = await watching.log.append({
          conversationId,
          senderId: ann,
          content: say(`${number}`),
        });
        assert.ok(appended.kind === 'written' && announced.includes(appended.document.seq));
        return appended.document.seq;
      }),
    );
    assert.deepEqual(acknowledged, [2, 3, 4, 5]);
    assert.deepEqual(announced, [1, 2, 3, 4, 5]);
    await watching.log.close();
  });

  it('writes one entry for ten parallel repeats, and for repeats on another node', async () => {
    const { ann, conversationId } = await directOf(node);
    const other = testLog(mongo);
    const request = { conversationId, senderId: ann, clientId: 'once', content: say('once') };
    const appended = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? node : other).log.append(request)),
    );
    const seqs = appended.map((each) => each.kind !== 'nothing' && each.document.seq);
    assert.equal(new Set(seqs).size, 1);
    assert.equal((await stored(mongo, conversationId)).length, 2);
    await other.log.close();
  });

  it('refuses a key that was used for other content', async () => {
    const { ann, conversationId } = await directOf(node);
    await node.log.append({ conversationId, senderId: ann, clientId: 'key', content: say('this') });
    const other = node.log.append({
      conversationId,
      senderId: ann,
      clientId: 'key',
      content: say('that'),
    });
    await assert.rejects(other, (error) => codeOf(error) === 'client_id_reused');
  });

  it('keeps the order of each of three nodes that write to one conversation at the same time', async () => {
    const { conversationId, people } = await groupOf(node, 3);
    const nodes = people.map(() => testLog(mongo));
    await Promise.all(
      nodes.flatMap(({ log }, index) =>
        Array.from({ length: 100 }, (_, count) =>
          log.append({
            conversationId,
            senderId: people[index]!,
            clientId: `c${count}`,
            content: say(`${count}`),
          }),
        ),
      ),
    );
    const entries = await stored(mongo, conversationId);
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      Array.from({ length: 301 }, (_, index) => index + 1),
    );
    for (const person of people) {
      const own = entries.filter(({ kind, senderId }) => kind === 'message' && senderId === person);
      assert.deepEqual(
        own.map(({ clientId }) => clientId),
        Array.from({ length: 100 }, (_, count) => `c${count}`),
      );
    }
    for (const { log } of nodes) await log.close();
  });

  it('answers not_found to all waiting requests when the conversation does not exist', async () => {
    const conversationId = newId();
    const waiting = [1, 2, 3].map(() =>
      node.log.append({ conversationId, senderId: newId(), content: say('hello') }),
    );
    for (const each of waiting)
      await assert.rejects(each, (error) => codeOf(error) === 'not_found');
    await assert.rejects(node.log.state(conversationId), (error) => codeOf(error) === 'not_found');
  });

  it('accepts no entry of a removed member after the removal, on any node', async () => {
    const { conversationId, people } = await groupOf(node, 2);
    const [owner, member] = people as [string, string];
    const other = testLog(mongo);
    await other.log.append({ conversationId, senderId: member, content: say('before') });
    const removal = await node.log.append({
      conversationId,
      senderId: owner,
      content: { kind: 'members', action: 'removed', userIds: [member], role: null },
    });
    assert.equal(removal.kind, 'written');
    const late = other.log.append({ conversationId, senderId: member, content: say('after') });
    await assert.rejects(late, (error) => codeOf(error) === 'not_found');
    await other.log.close();
  });

  it('answers a repeat with the first entry, even if its sender was removed since', async () => {
    const { conversationId, people } = await groupOf(node, 2);
    const [owner, member] = people as [string, string];
    const request = { conversationId, senderId: member, clientId: 'kept', content: say('kept') };
    const first = await node.log.append(request);
    await node.log.append({
      conversationId,
      senderId: owner,
      content: { kind: 'members', action: 'removed', userIds: [member], role: null },
    });
    const repeat = await node.log.append(request);
    assert.ok(first.kind === 'written' && repeat.kind === 'repeated');
    assert.equal(repeat.document._id, first.document._id);
  });

  it('lets exactly one of two admins remove the other when both try', async () => {
    const { conversationId, people } = await groupOf(node, 3);
    const [owner, one, two] = people as [string, string, string];
    for (const admin of [one, two]) {
      const content = { kind: 'members', action: 'role', userIds: [admin], role: 'admin' } as const;
      await node.log.append({ conversationId, senderId: owner, content });
    }
    const other = testLog(mongo);
    const remove = (by: TestLog, senderId: string, userId: string) =>
      by.log.append({
        conversationId,
        senderId,
        content: { kind: 'members', action: 'removed', userIds: [userId], role: null },
      });
    const outcomes = await Promise.allSettled([remove(node, one, two), remove(other, two, one)]);
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const { membership } = await node.log.state(conversationId, 5);
    assert.equal([one, two].filter((admin) => membership.members.has(admin)).length, 1);
    await other.log.close();
  });

  it('writes one deletion when several members delete a message at the same time', async () => {
    const { ann, conversationId } = await directOf(node);
    const sent = await node.log.append({
      conversationId,
      senderId: ann,
      content: say('gone soon'),
    });
    assert.ok(sent.kind === 'written');
    const { _id: messageId, seq: messageSeq } = sent.document;
    const other = testLog(mongo);
    const appended = await Promise.all(
      [node, other, node, other].map(({ log }) =>
        log.append({
          conversationId,
          senderId: ann,
          content: { kind: 'deletion', messageId, messageSeq },
          facts: { messageSenderId: ann },
        }),
      ),
    );
    const ids = appended.map((each) => each.kind !== 'nothing' && each.document._id);
    assert.equal(new Set(ids).size, 1);
    await other.log.close();
  });

  it('knows which keys are queued or stored', async () => {
    const { ann, ben, conversationId } = await directOf(node);
    const key = { conversationId, senderId: ann, clientId: 'known' };
    const appending = node.log.append({ ...key, content: say('known') });
    assert.equal(node.log.knows(key), true);
    await appending;
    const other = testLog(mongo);
    assert.equal(await other.log.knows(key), true);
    assert.equal(await other.log.knows({ ...key, clientId: 'unknown' }), false);
    assert.equal(await other.log.knows({ ...key, senderId: ben }), false);
    await other.log.close();
  });
});
