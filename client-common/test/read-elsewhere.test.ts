import assert from 'node:assert/strict';

import { OwnMarks } from '../src/receipts/own-marks.ts';
import { Scene } from './support/scene.ts';

describe('How far a user has read elsewhere', () => {
  const stored = (readSeq: number) => ({ deliveredSeq: 20, readSeq });

  it('is the mark that the server has at first', () => {
    const marks = new OwnMarks();
    marks.stored(stored(7));
    assert.equal(marks.readElsewhere, 7);
  });

  it('is not what was read here, sent or not', () => {
    const marks = new OwnMarks();
    marks.stored(stored(7));
    marks.raise(9, 'unflagged');
    assert.equal(marks.readElsewhere, 7);
    const request = marks.due(20)!;
    marks.sending(request);
    // The server may report the mark before it answers the request.
    marks.stored(stored(9));
    marks.accepted(request);
    assert.deepEqual([marks.read, marks.readElsewhere], [9, 7]);
  });

  it('is a mark of another device, also one that this device has reached and not sent', () => {
    const marks = new OwnMarks();
    marks.raise(9, 'unflagged');
    marks.stored(stored(9));
    assert.equal(marks.readElsewhere, 9);
    marks.stored(stored(12));
    assert.equal(marks.readElsewhere, 12);
  });

  it('does not sink, and a delivery mark does not raise it', () => {
    const marks = new OwnMarks();
    marks.stored(stored(7));
    marks.stored(stored(3));
    marks.sending(marks.due(21)!);
    assert.equal(marks.readElsewhere, 7);
  });

  it('is part of the summary', async () => {
    const scene = await Scene.open();
    const { id } = scene.createConversation(3);
    const [here, there] = [await scene.online(scene.ada), await scene.online(scene.ada)];
    const summaryOf = (client: typeof here) => {
      const found = client.conversations.get().conversations.find((each) => each.id === id);
      return [found?.readSeq, found?.readElsewhereSeq];
    };
    const before = summaryOf(here)[1]!;
    there.conversation(id).markRead(before + 2);
    await scene.until('the mark of the other device', () => summaryOf(here)[0] === before + 2);
    assert.deepEqual(summaryOf(here), [before + 2, before + 2]);
    assert.deepEqual(summaryOf(there), [before + 2, before]);
    await scene.close();
  });
});
