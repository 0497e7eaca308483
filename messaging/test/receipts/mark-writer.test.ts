import assert from 'node:assert/strict';

import {
  memberKey,
  type DatedMark,
  type MarkChange,
  type Marks,
} from '../../src/conversations/member-document.ts';
import { MarkWriter, type Raised } from '../../src/receipts/mark-writer.ts';
import { settled } from '../support/conversation-node.ts';
import { deferred } from '../support/deferred.ts';

const NOW = 1_000;
const settings = { mutedUntil: null, archived: false, pinned: false, unread: false };
const mark = (userId: string, deliveredSeq: number, readSeq?: number): MarkChange => ({
  ...{ conversationId: 'c', userId, deliveredSeq },
  ...(readSeq === undefined ? {} : { readSeq }),
});

describe('the mark writer', () => {
  it('combines marks that arrive while a round is committed into one write per membership', async () => {
    const { raised, release, rounds, writer } = writerOf();
    const first = writer.raise(mark('ann', 1));
    await settled();
    const later = [mark('ann', 5), mark('ben', 2), mark('ann', 3, 3)].map((each) =>
      writer.raise(each),
    );
    await settled();
    assert.equal(rounds.length, 1);
    release();
    await first;
    const answers = await Promise.all(later);
    const [deliveredAt, readAt] = [NOW, NOW];
    assert.deepEqual(rounds, [
      [{ ...mark('ann', 1), deliveredAt }],
      [
        { ...mark('ann', 5, 3), deliveredAt, readAt },
        { ...mark('ben', 2), deliveredAt },
      ],
    ]);
    assert.deepEqual(
      answers.map((answer) => [answer?.userId, answer?.deliveredSeq, answer?.readSeq]),
      [
        ['ann', 5, 3],
        ['ben', 2, 0],
        ['ann', 5, 3],
      ],
    );
    assert.equal(raised.length, 3);
  });

  it('says which marks a recorded change covers', async () => {
    const { release, rounds, stored, writer } = writerOf();
    release();
    await writer.raise(mark('ann', 1));
    for (const [key, marks] of stored) stored.set(key, { ...marks, isCovered: true });
    await writer.raise(mark('ann', 2));
    assert.deepEqual(
      rounds.flat().map(({ isCovered }) => isCovered),
      [undefined, true],
    );
  });

  it('does not answer before the write is committed', async () => {
    const { release, writer } = writerOf();
    let isAnswered = false;
    const answer = writer.raise(mark('ann', 1)).then(() => (isAnswered = true));
    await settled();
    assert.equal(isAnswered, false);
    release();
    await answer;
  });

  it('answers `unavailable` when a round fails, notifies no listener, and continues', async () => {
    const { fail, raised, release, writer } = writerOf();
    const refused = writer.raise(mark('ann', 4));
    await settled();
    fail();
    await assert.rejects(refused, { code: 'unavailable', retryable: true });
    assert.deepEqual(raised, []);
    release();
    assert.equal((await writer.raise(mark('ann', 4)))?.deliveredSeq, 4);
  });

  it('answers undefined for a membership that is not stored', async () => {
    const { release, rounds, writer } = writerOf();
    release();
    assert.equal(await writer.raise(mark('nobody', 4)), undefined);
    assert.deepEqual(rounds.flat(), []);
  });

  it('writes at most 1,000 memberships in a round', async () => {
    const { release, rounds, writer } = writerOf();
    release();
    const all = Array.from({ length: 2_500 }, (_, index) => writer.raise(mark(`p${index}`, 1)));
    await Promise.all(all);
    assert.deepEqual(
      rounds.map(({ length }) => length),
      [1_000, 1_000, 500],
    );
  });
});

/** A writer for memberships in memory. Its first write waits until the test releases it or makes it fail. */
function writerOf() {
  const stored = new Map<string, Marks>();
  const rounds: DatedMark[][] = [];
  const raised: Raised[] = [];
  const gate = deferred();
  let first: Promise<void> | undefined = gate.promise;
  const nobody = { deliveredSeq: 0, readSeq: 0, settings, present: true };
  const writer = new MarkWriter({
    members: {
      findMarks: (keys) =>
        Promise.resolve(
          new Map(
            keys
              .filter(({ userId }) => userId !== 'nobody')
              .map(({ conversationId, userId }) => memberKey(conversationId, userId))
              .map((key) => [key, stored.get(key) ?? nobody]),
          ),
        ),
      raiseMarks: async (changes) => {
        if (changes.length > 0) rounds.push([...changes]);
        const waitFor = first;
        first = undefined;
        await waitFor;
        for (const { conversationId, deliveredSeq, readSeq = 0, userId } of changes) {
          stored.set(memberKey(conversationId, userId), { ...nobody, deliveredSeq, readSeq });
        }
      },
    },
    now: () => NOW,
  });
  writer.subscribe((each) => raised.push(each));
  return {
    ...{ writer, rounds, raised, stored },
    release: () => gate.resolve(),
    fail: () => gate.reject(new Error('down')),
  };
}
