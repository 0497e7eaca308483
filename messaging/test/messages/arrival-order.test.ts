import assert from 'node:assert/strict';
import { AppError } from '@parley/common';

import { ArrivalOrder } from '../../src/messages/arrival-order.ts';

const later = () => new Promise<string>((resolve) => setImmediate(() => resolve('looked up')));

describe('the order of arrival', () => {
  it('is kept even if an earlier message needs a lookup', async () => {
    const order = new ArrivalOrder();
    const queued: number[] = [];
    const queue = (number: number) => () => {
      queued.push(number);
      return Promise.resolve(number);
    };
    const results = await Promise.all([
      order.run('socket', later, queue(1)),
      order.run('socket', () => 'at once', queue(2)),
      order.run('socket', later, queue(3)),
      order.run('other', () => 'at once', queue(4)),
    ]);
    assert.deepEqual(queued, [4, 1, 2, 3]);
    assert.deepEqual(results, [1, 2, 3, 4]);
  });

  it('does not wait for the outcome of earlier messages', async () => {
    const order = new ArrivalOrder();
    const never = new Promise<never>(() => undefined);
    void order.run('socket', later, () => never);
    assert.equal(await order.run('socket', later, () => Promise.resolve('queued')), 'queued');
  });

  it('continues after a message is refused', async () => {
    const order = new ArrivalOrder();
    const refused = order.run(
      'socket',
      () => later().then(() => Promise.reject(new Error('no'))),
      later,
    );
    const thrown = order.run<string, string>(
      'socket',
      () => {
        throw new AppError('conflict', 'at once');
      },
      later,
    );
    const good = order.run(
      'socket',
      () => 'fine',
      () => Promise.resolve('fine'),
    );
    await assert.rejects(refused, /no/);
    await assert.rejects(thrown, /at once/);
    assert.equal(await good, 'fine');
  });

  it('calls back at once if nothing waits', () => {
    const order = new ArrivalOrder();
    let isQueued = false;
    void order.run(
      'socket',
      () => 'known',
      () => {
        isQueued = true;
        return Promise.resolve();
      },
    );
    assert.ok(isQueued);
  });
});
