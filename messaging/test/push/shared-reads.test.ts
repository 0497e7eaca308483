import assert from 'node:assert/strict';

import type { ConversationDocument } from '../../src/conversations/conversation-repository.ts';
import type { MessageDocument } from '../../src/log/entry-document.ts';
import { SharedReads } from '../../src/push/shared-reads.ts';

describe('what concurrent pushes show', () => {
  it('is read once, however many members get a message', async () => {
    const queries: (readonly string[])[] = [];
    const shared = new SharedReads(
      {
        findMany: (ids) => {
          queries.push(ids);
          return Promise.resolve(ids.map((_id) => ({ _id }) as ConversationDocument));
        },
      },
      {
        findMessages: (conversationId, ids) => {
          queries.push([conversationId, ...ids]);
          const found = ids.filter((id) => id !== 'gone');
          return Promise.resolve(new Map(found.map((_id) => [_id, { _id } as MessageDocument])));
        },
      },
    );
    const wanted = ['one', 'two', 'one', 'gone'];
    const messages = await Promise.all(wanted.map((id) => shared.findMessage('c', id)));
    assert.deepEqual(
      messages.map((message) => message?._id),
      ['one', 'two', 'one', undefined],
    );
    assert.equal((await shared.findMessage('other', 'one'))?._id, 'one');
    const conversations = await Promise.all(['c', 'c'].map((id) => shared.find(id)));
    assert.deepEqual(
      conversations.map((conversation) => conversation?._id),
      ['c', 'c'],
    );
    assert.deepEqual(queries, [['c', 'one', 'two', 'gone'], ['other', 'one'], ['c']]);
  });
});
