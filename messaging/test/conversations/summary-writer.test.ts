import assert from 'node:assert/strict';
import { silentLogger } from '@parley/backend-common/testing';

import type { ConversationSummary } from '../../src/conversations/conversation-repository.ts';
import { SummaryWriter } from '../../src/conversations/summary-writer.ts';
import { settled } from '../support/conversation-node.ts';
import { deferred } from '../support/deferred.ts';

type Summaries = ReadonlyMap<string, ConversationSummary>;

describe('summaries', () => {
  it('are written once for many entries, with the newest of each conversation', async () => {
    const { writer, written } = writerOf();
    for (let seq = 1; seq <= 50; seq += 1) writer.note({ conversationId: 'a', seq, at: 100 + seq });
    writer.note({ conversationId: 'b', seq: 7, at: 9 });
    writer.note({ conversationId: 'a', seq: 3, at: 103 });
    await writer.flush();
    assert.deepEqual(written, [
      new Map([
        ['a', { lastSeq: 50, lastAt: 150 }],
        ['b', { lastSeq: 7, lastAt: 9 }],
      ]),
    ]);
    await writer.close();
    assert.equal(written.length, 1);
  });

  it('are known before they are written, and while they are', async () => {
    const stuck = deferred();
    const { writer } = writerOf(() => stuck.promise);
    writer.note({ conversationId: 'a', seq: 1, at: 5 });
    assert.equal(writer.pendingAt('a'), 5);
    const flushed = writer.flush();
    assert.equal(writer.pendingAt('a'), 5);
    stuck.resolve();
    await flushed;
    assert.equal(writer.pendingAt('a'), 0);
    assert.equal(writer.pendingAt('b'), 0);
  });

  it('are written one at a time', async () => {
    const stuck = deferred();
    const { writer, written } = writerOf(() => stuck.promise);
    writer.note({ conversationId: 'a', seq: 1, at: 1 });
    const first = writer.flush();
    await settled();
    writer.note({ conversationId: 'a', seq: 2, at: 2 });
    const second = writer.flush();
    await settled();
    assert.equal(written.length, 1);
    stuck.resolve();
    await Promise.all([first, second]);
    assert.deepEqual(written[1], new Map([['a', { lastSeq: 2, lastAt: 2 }]]));
  });

  it('of an active conversation are written every 2 s, those of others at once', async () => {
    let now = 0;
    const { writer, written } = writerOf(undefined, () => now);
    const noteAndWrite = async (conversationId: string, seq: number) => {
      writer.note({ conversationId, seq, at: seq });
      await writer.writeDue();
    };
    await noteAndWrite('a', 1);
    now = 1_999;
    await noteAndWrite('a', 2);
    assert.equal(writer.pendingAt('a'), 2);
    await noteAndWrite('b', 1);
    now = 2_000;
    await noteAndWrite('a', 3);
    assert.deepEqual(
      written.map((summaries) => [...summaries].map(([id, { lastSeq }]) => `${id}${lastSeq}`)),
      [['a1'], ['b1'], ['a3']],
    );
    await writer.close();
  });

  it('that could not be written are kept for the next write, unless there are newer ones', async () => {
    let isDown = true;
    const { writer, written } = writerOf(() =>
      isDown ? Promise.reject(new Error('down')) : Promise.resolve(),
    );
    writer.note({ conversationId: 'a', seq: 1, at: 1 });
    writer.note({ conversationId: 'b', seq: 4, at: 4 });
    await writer.flush();
    isDown = false;
    writer.note({ conversationId: 'a', seq: 2, at: 2 });
    await writer.close();
    assert.deepEqual(
      written.at(-1),
      new Map([
        ['a', { lastSeq: 2, lastAt: 2 }],
        ['b', { lastSeq: 4, lastAt: 4 }],
      ]),
    );
  });
});

function writerOf(
  write: () => Promise<void> = () => Promise.resolve(),
  monotonic: () => number = () => 0,
) {
  const written: Summaries[] = [];
  const conversations = {
    raiseSummaries: (summaries: Summaries) => {
      written.push(new Map(summaries));
      return write();
    },
  };
  const logger = silentLogger();
  return { writer: new SummaryWriter({ conversations, logger, monotonic }), written };
}
