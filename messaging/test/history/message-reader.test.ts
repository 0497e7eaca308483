import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';
import type { Entry } from '@parley/common/contract';

import { EntryRepository, type EntryRange } from '../../src/log/entry-repository.ts';
import { MessageReader } from '../../src/history/message-reader.ts';
import { DeletionApplier } from '../../src/history/deletion-applier.ts';
import { codeOf, directOf, newId, say, testDatabase, testLog } from '../support/test-log.ts';

/** Calls `between` after a page was read, before it is returned. */
class Interrupted extends EntryRepository {
  between: (() => Promise<unknown>) | undefined;

  override async writtenRange(conversationId: string, range: EntryRange) {
    const found = await super.writtenRange(conversationId, range);
    const { between } = this;
    this.between = undefined;
    if (between === undefined) return found;
    await between();
    // The page may include the entries that were written meanwhile.
    return [...found, ...(await super.writtenRange(conversationId, { ...range, after: 2 }))];
  }
}

describe('a page of a log as JSON', () => {
  let mongo: TestMongo;
  before(async () => (mongo = await testDatabase()));
  after(() => mongo.drop());

  async function scene() {
    const node = testLog(mongo);
    const people = await directOf(node);
    const entries = new Interrupted(mongo.db);
    const deletions = new DeletionApplier({
      ...{ entries, conversations: node.conversations },
    });
    const reader = new MessageReader({ log: node.log, entries, deletions });
    const write = async (text: string) => {
      const key = { conversationId: people.conversationId, senderId: people.ann };
      const content = say(text);
      const own = { clientId: newId(), originSocketId: undefined };
      const appended = await node.log.append({ ...key, ...own, content });
      assert.ok(appended.kind !== 'nothing');
      return appended.document;
    };
    const request = { conversationId: people.conversationId, userId: people.ben, limit: 3 };
    return { ...people, node, entries, reader, write, request };
  }

  it('contains the same entries as the decoded page', async () => {
    const { node, reader, request, write } = await scene();
    for (const text of ['one', 'two', 'three', 'four']) await write(text);
    for (const after of [0, 1, 2, 4, 9]) {
      const page = await reader.written({ ...request, after });
      const { entries, hasMore } = await reader.entries({ ...request, after });
      assert.deepEqual(JSON.parse(page.entries), entries);
      assert.equal(page.last, entries.at(-1)?.seq);
      assert.equal(page.hasMore, hasMore);
    }
    await node.log.close();
  });

  it('is refused to users who are not members', async () => {
    const { node, reader, request, write } = await scene();
    await write('secret');
    const stranger = reader.written({ ...request, userId: newId(), after: 0 });
    await assert.rejects(stranger, (error: unknown) => codeOf(error) === 'not_found');
    await node.log.close();
  });

  it('hides a message that is deleted while the page is read', async () => {
    const { ann, conversationId, entries, node, reader, request, write } = await scene();
    const secret = await write('secret');
    await write('other');
    const remote = testLog(mongo);
    entries.between = () =>
      remote.log.append({
        ...{ conversationId, senderId: ann, clientId: newId(), originSocketId: undefined },
        content: { kind: 'deletion', messageId: secret._id, messageSeq: secret.seq },
        facts: { messageSenderId: ann },
      });
    const page = await reader.written({ ...request, after: 0 });
    assert.ok(!page.entries.includes('secret'), page.entries);
    const all = JSON.parse(page.entries) as Entry[];
    const found = all.find(({ id }) => id === secret._id);
    assert.ok(found?.kind === 'message' && found.deleted, page.entries);
    await remote.log.close();
    await node.log.close();
  });
});
