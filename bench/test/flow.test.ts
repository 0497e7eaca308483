import assert from 'node:assert/strict';

import { Flow } from '../src/generator/flow.ts';
import { Meter } from '../src/generator/meter.ts';
import { type Connection, type Outgoing, type Target } from '../src/generator/target.ts';

type Answer = (refusal: string | undefined) => void;

/** A flow whose server is controlled by the test. */
function flowTo(receivers: number) {
  let time = 0;
  const meter = new Meter();
  const asked: { message: Outgoing; answer: Answer }[] = [];
  const target = {
    send: (message: Outgoing, answer: Answer) => asked.push({ message, answer }),
  } as unknown as Target;
  const flow = new Flow({
    ...{ target, meter, receivers, now: () => time },
    ...{ sender: {} as Connection, conversation: 'c' },
  });
  const wrong = (order = { inOrder: true }) =>
    Object.fromEntries(Object.entries(flow.faults(order)).filter(([, count]) => count > 0));
  return { flow, meter, asked, wrong, pass: (ms: number) => (time += ms) };
}

describe('flow', () => {
  it('numbers messages from 1', () => {
    const { flow, asked } = flowTo(1);
    flow.send();
    flow.send();
    assert.deepEqual(
      asked.map(({ message }) => message.number),
      [1, 2],
    );
    assert.equal(asked[0]!.message.text.length, 100);
  });

  it('completes a message after its acknowledgement and all deliveries, in any order', () => {
    const { flow, asked, wrong } = flowTo(2);
    let completed = 0;
    flow.onComplete = () => (completed += 1);
    flow.send();
    flow.delivered(0, 1);
    asked[0]!.answer(undefined);
    assert.equal(completed, 0);
    assert.equal(flow.inProgress, 1);
    flow.delivered(1, 1);
    assert.equal(completed, 1);
    assert.equal(flow.inProgress, 0);
    assert.deepEqual(wrong(), {});
  });

  it('measures both latencies from the moment of sending', () => {
    const { flow, meter, asked, pass } = flowTo(1);
    meter.open();
    flow.send();
    pass(2);
    flow.delivered(0, 1);
    pass(3);
    asked[0]!.answer(undefined);
    assert.deepEqual(meter.deliveryLatencies.percentiles([1]), [2]);
    assert.deepEqual(meter.ackLatencies.percentiles([1]), [5]);
    assert.deepEqual(meter.completionLatencies.percentiles([1]), [5]);
  });

  it('counts nothing while the meter is closed', () => {
    const { flow, meter, asked } = flowTo(1);
    flow.send();
    flow.delivered(0, 1);
    meter.open();
    meter.close();
    asked[0]!.answer(undefined);
    assert.deepEqual([meter.acks, meter.deliveries], [0, 0]);
  });

  it('reports lost, duplicated, refused and unacknowledged messages', () => {
    const { flow, asked, wrong } = flowTo(1);
    for (let sent = 0; sent < 4; sent += 1) flow.send();
    flow.delivered(0, 1);
    flow.delivered(0, 1);
    asked[0]!.answer(undefined);
    asked[1]!.answer('unavailable');
    assert.deepEqual(wrong(), {
      'not acknowledged': 2,
      'not delivered': 3,
      doubled: 1,
      'refused: unavailable': 1,
    });
  });

  it('reports a wrong order only for a server that promises the order', () => {
    const { flow, wrong } = flowTo(1);
    flow.send();
    flow.send();
    flow.delivered(0, 2);
    flow.delivered(0, 1);
    assert.equal(wrong({ inOrder: true })['out of order'], 1);
    assert.equal(wrong({ inOrder: false })['out of order'], undefined);
  });
});
