import assert from 'node:assert/strict';

import { textFrames } from '../../../src/transport/tuning/text-frames.ts';
import { JoinedFrames } from '../../../src/transport/tuning/write-together.ts';

const plain = (data: string) => ({ type: 'message' as const, data });
const encoded = (data: string) => {
  const packet = plain(data);
  return { ...packet, options: { wsPreEncodedFrame: [textFrames([packet])] } };
};

describe('the frames of several packets', () => {
  const [one, two, three] = [encoded('one'), encoded('zwei, größer'), encoded('three')];
  let joined: JoinedFrames;
  beforeEach(() => {
    joined = new JoinedFrames();
  });

  it('are the same bytes, whether or not the packets were encoded before', () => {
    const mixed = [one, plain('an acknowledgement'), two];
    for (const packets of [[one], [one, two], [one, two, three], mixed, [plain('alone')]]) {
      assert.deepEqual(joined.of(packets), textFrames(packets));
    }
  });

  it('are made once for all clients that get the same packets', () => {
    const first = joined.of([one, two]);
    assert.equal(joined.of([one, two]), first);
    for (const packets of [
      [two, one],
      [one, three],
      [one, two, three],
      [one, plain('zwei')],
    ]) {
      assert.deepEqual(joined.of(packets), textFrames(packets));
    }
    assert.deepEqual(joined.of([one, two]), first);
  });

  it('are not kept when the turn has ended', () => {
    const first = joined.of([one, two]);
    joined.forget();
    assert.notEqual(joined.of([one, two]), first);
  });
});
