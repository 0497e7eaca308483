import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { Metrics, QueueMetrics } from '@parley/backend-common';
import { manualTimers } from '@parley/backend-common/testing';

import { Letters, START, at } from '../support/letters.ts';

describe('LeaseQueue: attempts', () => {
  const letters = new Letters();

  describe('a failed attempt', () => {
    it('is repeated after a wait that doubles, up to the longest', async () => {
      await letters.write({ _id: 'a', dueAt: at(0) });
      const queue = letters.queue({ backoff: { first: 1_000, longest: 3_000 } });
      const waits: number[] = [];
      for (let attempt = 1; attempt <= 4; attempt += 1) {
        const leased = await letters.claimOne(queue);
        assert.equal(
          await queue.retry(leased, { changes: { note: `attempt ${attempt}` } }),
          'retried',
        );
        const stored = await letters.find('a');
        assert.equal(stored?.note, `attempt ${attempt}`);
        assert.equal(stored.claim, undefined);
        const wait = stored.dueAt!.getTime() - letters.now;
        waits.push(wait);
        letters.now += wait;
      }
      assert.deepEqual(waits, [1_000, 2_000, 3_000, 3_000]);
    });

    it('waits from half to one and a half times as long, at random', async () => {
      const waits: number[] = [];
      for (const number of [0, 0.999]) {
        await letters.write({ _id: `letter-${number}`, dueAt: at(0) });
        const queue = letters.queue({
          backoff: { first: 1_000, longest: 3_000 },
          random: () => number,
        });
        await queue.retry(await letters.claimOne(queue));
        waits.push((await letters.find(`letter-${number}`))!.dueAt!.getTime() - START);
      }
      assert.deepEqual(waits, [500, 1_499]);
    });

    it('waits at least as long as what failed asks for', async () => {
      await letters.write({ _id: 'a', dueAt: at(0) });
      const queue = letters.queue({ backoff: { first: 1_000, longest: 3_000 } });
      await queue.retry(await letters.claimOne(queue), { atLeast: 60_000 });
      assert.deepEqual((await letters.find('a'))?.dueAt, at(60_000));
    });

    it('is the last one after as many as are allowed: the item becomes a dead letter', async () => {
      await letters.write({ _id: 'a', dueAt: at(0) });
      const metrics = new Metrics('test');
      const queue = letters.queue({
        ...{ maxAttempts: 2, backoff: { first: 1_000, longest: 1_000 } },
        metrics: new QueueMetrics(metrics),
      });
      const first = await letters.claimOne(queue);
      assert.equal(queue.isLastAttempt(first), false);
      assert.equal(await queue.retry(first), 'retried');
      letters.now += 1_000;
      const second = await letters.claimOne(queue);
      assert.equal(queue.isLastAttempt(second), true);
      assert.equal(await queue.retry(second, { deadLetter: { failedAt: at(1_000) } }), 'given_up');
      assert.deepEqual(await letters.find('a'), { _id: 'a', attempts: 0, failedAt: at(1_000) });
      letters.now += 1_000_000;
      assert.deepEqual(await queue.claim(1), []);
      const text = await metrics.registry.metrics();
      for (const [name, value] of [
        ['claims', 2],
        ['retries', 1],
        ['dead_letters', 1],
      ]) {
        assert.match(
          text,
          new RegExp(
            `^parley_queue_${name}_total\\{queue="letters",service="test"\\} ${value}$`,
            'm',
          ),
        );
      }
    });

    it('is due when its lease would have ended, where no wait is set', async () => {
      await letters.write({ _id: 'a', dueAt: at(0) });
      const queue = letters.queue();
      letters.now += 1_000;
      const leased = await letters.claimOne(queue);
      letters.now += 1_000;
      await queue.retry(leased);
      assert.deepEqual((await letters.find('a'))?.dueAt, at(32_000));
    });

    it('needs a count of attempts where they are limited', () => {
      assert.throws(() =>
        letters.queue({ fields: { due: 'dueAt', token: 'claim' }, maxAttempts: 2 }),
      );
    });
  });

  describe('work under a lease', () => {
    async function hold() {
      await letters.write({ _id: 'a', dueAt: at(0) });
      const timers = manualTimers();
      const queue = letters.queue({ setTimer: timers.setTimer });
      const leased = await letters.claimOne(queue);
      let end!: (result: string) => void;
      let signal!: AbortSignal;
      const held = queue.hold(leased, (given) => {
        signal = given;
        return new Promise<string>((resolve) => (end = resolve));
      });
      return { end, held, queue, signal, timers };
    }

    it('renews the lease three times as often as it would end', async () => {
      const { end, held, signal, timers } = await hold();
      assert.deepEqual(timers.delays, [10_000]);
      letters.now += 10_000;
      timers.fire();
      while (timers.delays.length === 0) await turn();
      assert.deepEqual((await letters.find('a'))?.dueAt, at(40_000));
      assert.deepEqual(timers.delays, [10_000]);
      end('done');
      assert.equal(await held, 'done');
      assert.deepEqual(timers.delays, []);
      assert.equal(signal.aborted, false);
    });

    it('learns that the lease was lost', async () => {
      const { end, held, queue, signal, timers } = await hold();
      letters.now += 30_000;
      await letters.claimOne(queue);
      timers.fire();
      while (!signal.aborted) await turn();
      assert.deepEqual(timers.delays, []);
      end('too late');
      assert.equal(await held, 'too late');
    });

    it('ends its renewals when it fails', async () => {
      await letters.write({ _id: 'a', dueAt: at(0) });
      const timers = manualTimers();
      const queue = letters.queue({ setTimer: timers.setTimer });
      const error = new Error('no ink');
      await assert.rejects(
        queue.hold(await letters.claimOne(queue), () => Promise.reject(error)),
        error,
      );
      assert.deepEqual(timers.delays, []);
    });
  });
});
