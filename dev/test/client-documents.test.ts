import assert from 'node:assert/strict';
import { entry } from '@parley/common/contract';

import { read } from './support/repository.ts';

interface Fact {
  readonly page: 'docs/protocol.md' | 'client-common/README.md';
  readonly says: string;
  /** The test that shows that it is true. */
  readonly test: readonly [file: string, title: string];
}

/** What the author of a client needs to know. */
const FACTS: readonly Fact[] = [
  {
    page: 'docs/protocol.md',
    says: '**It gets every live event of its conversations only from the answer to `sync` on**',
    test: [
      'messaging/test/sync/heads-client.test.ts',
      'gets everything live from the answer to sync on',
    ],
  },
  {
    page: 'docs/protocol.md',
    says: 'The socket that sent or deleted a message gets the entry as its acknowledgement and not as an event',
    test: ['messaging/test/sync/heads-client.test.ts', 'is not told of what it sends or deletes'],
  },
  {
    page: 'docs/protocol.md',
    says: 'A heads client calls `receipt:delivered` for what it got live or pulled, once it has stored it.',
    test: ['client-common/test/sync.test.ts', 'acknowledges only when all is pulled'],
  },
  {
    page: 'docs/protocol.md',
    says: '**For live entries and for its own messages it calls `receipt:delivered` itself**',
    test: ['messaging/test/sync/received.test.ts', 'its own messages, although it has got their'],
  },
  {
    page: 'docs/protocol.md',
    says: 'Every client calls `receipt:read` when the user sees the entries. Then `receipt:delivered` is not needed.',
    test: ['messaging/test/sync/received.test.ts', 'nothing up to the seq of its ${receipt}'],
  },
  {
    page: 'docs/protocol.md',
    says: 'then only get HTTP 400 ("Unexpected status code 400"). Set `transports: [\'websocket\']`.',
    test: ['messaging/test/transport/handshake.test.ts', 'accepts WebSockets only, unless'],
  },
  {
    page: 'docs/protocol.md',
    says: "waits 30 s for the second page of each connection: it should say `sync: 'heads'`.",
    test: ['messaging/test/sync/replay.test.ts', 'goes on without acknowledgements'],
  },
  {
    page: 'docs/protocol.md',
    says: 'Then the first `seq` of the new connection is lower than the last one of the connection before; within a connection the pages and live entries of a conversation never go back.',
    test: ['e2e/test/history-checker.test.ts', 'allows pages to repeat received entries'],
  },
  {
    page: 'client-common/README.md',
    says: '`register`, `logout`, `sessions`, `me`, and `searchUsers({ username })` or `searchUsers({ prefix })`',
    test: ['client-common/test/auth-api.test.ts', 'asks what the contract says'],
  },
  {
    page: 'client-common/README.md',
    says: "import { fileStore } from '@parley/client-common/node';",
    test: ['client-common/test/file-store.test.ts', 'keeps a message that was written without'],
  },
];

describe('what the author of a client is told', () => {
  for (const { page, says, test } of FACTS) {
    it(`stands in ${page} and has a test: ${says.slice(0, 60)}`, () => {
      assert.ok(read(page).replaceAll(/\s+/g, ' ').includes(says), says);
      const [file, title] = test;
      const titles = read(file).match(/\bit\(['"`].*/g) ?? [];
      assert.ok(
        titles.some((line) => line.includes(title)),
        file,
      );
    });
  }

  it('shows the JSON of messages, a deletion and a change of members, as the contract has them', () => {
    const [, json = ''] = /```json\n(\[[\s\S]*?)```/.exec(read('docs/protocol.md')) ?? [];
    const given = JSON.parse(json) as unknown[];
    const entries = given.map((one) => entry.parse(one));
    assert.deepEqual(entries, given);
    assert.deepEqual(
      entries.map(({ seq, kind }) => `${seq} ${kind}`),
      ['1 members', '2 message', '3 message', '4 deletion'],
    );
  });
});
