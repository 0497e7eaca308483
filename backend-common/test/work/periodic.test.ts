import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { Metrics, Periodic, PeriodicMetrics, type PeriodicOptions } from '@parley/backend-common';
import { manualTimers } from '@parley/backend-common/testing';

function setUp(options: Partial<PeriodicOptions> = {}) {
  const metrics = new Metrics('test');
  const timers = manualTimers();
  const faults: unknown[] = [];
  const runs: { readonly signal: AbortSignal; end(error?: Error): void }[] = [];
  const periodic = new Periodic({
    name: 'count_stars',
    every: 1_000,
    run: (signal) =>
      new Promise((resolve, reject) => {
        runs.push({ signal, end: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
    metrics: new PeriodicMetrics(metrics),
    onFault: (error) => faults.push(error),
    random: () => 0.5,
    setTimer: timers.setTimer,
    ...options,
  });
  const endRun = async (error?: Error) => {
    runs.at(-1)!.end(error);
    await turn();
  };
  return { periodic, timers, faults, runs, metrics, endRun };
}

describe('Periodic', () => {
  it('runs after the interval, and again an interval after the end of the run', async () => {
    const { endRun, periodic, runs, timers } = setUp({ jitter: 0 });
    periodic.start();
    assert.equal(runs.length, 0);
    assert.deepEqual(timers.delays, [1_000]);
    timers.fire();
    assert.equal(runs.length, 1);
    assert.deepEqual(timers.delays, [], 'no timer is set during a run');
    await endRun();
    assert.deepEqual(timers.delays, [1_000]);
    timers.fire();
    assert.equal(runs.length, 2);
  });

  it('shortens each wait at random by up to the jitter', async () => {
    const numbers = [0, 0.999];
    const { endRun, periodic, timers } = setUp({ jitter: 0.2, random: () => numbers.shift()! });
    periodic.start();
    assert.deepEqual(timers.delays, [1_000]);
    timers.fire();
    await endRun();
    assert.deepEqual(timers.delays.map(Math.round), [800]);
  });

  it('sets one timer when it is started twice', () => {
    const { periodic, timers } = setUp();
    periodic.start();
    periodic.start();
    assert.equal(timers.delays.length, 1);
  });

  it('runs at once when asked, and waits a whole interval after that', async () => {
    const { endRun, periodic, runs, timers } = setUp({ jitter: 0 });
    periodic.start();
    const ended = periodic.runNow();
    assert.equal(runs.length, 1);
    assert.deepEqual(timers.delays, [], 'the timer that was set is cancelled');
    await endRun();
    await ended;
    assert.deepEqual(timers.delays, [1_000]);
  });

  it('never runs twice at once: whoever asks during a run joins it', async () => {
    const { endRun, periodic, runs } = setUp();
    const first = periodic.runNow();
    assert.equal(periodic.runNow(), first);
    assert.equal(runs.length, 1);
    await endRun();
    await first;
  });

  it('runs once without being started', async () => {
    const { endRun, periodic, timers } = setUp();
    const ended = periodic.runNow();
    await endRun();
    await ended;
    assert.deepEqual(timers.delays, []);
  });

  it('runs once more after the run in progress when it is woken, however often', async () => {
    const { endRun, periodic, runs } = setUp();
    periodic.wake();
    assert.equal(runs.length, 1);
    periodic.wake();
    periodic.wake();
    assert.equal(runs.length, 1);
    await endRun();
    assert.equal(runs.length, 2);
    await endRun();
    assert.equal(runs.length, 2);
  });

  it('reports what a run throws and goes on', async () => {
    const { endRun, faults, periodic, timers } = setUp();
    const error = new Error('no stars');
    periodic.start();
    timers.fire();
    await endRun(error);
    assert.deepEqual(faults, [error]);
    assert.equal(timers.delays.length, 1);
  });

  it('reports what a run throws before its first await', async () => {
    const error = new Error('no sky');
    const { faults, periodic } = setUp({
      run: () => {
        throw error;
      },
    });
    await periodic.runNow();
    assert.deepEqual(faults, [error]);
  });

  it('waits for the run in progress when it stops, and runs no more', async () => {
    const { endRun, periodic, runs, timers } = setUp();
    periodic.start();
    timers.fire();
    periodic.wake();
    let isStopped = false;
    const stopped = periodic.stop().then(() => (isStopped = true));
    assert.equal(runs[0]!.signal.aborted, true);
    await turn();
    assert.equal(isStopped, false);
    await endRun();
    await stopped;
    assert.deepEqual(timers.delays, []);
    periodic.start();
    periodic.wake();
    await periodic.runNow();
    assert.equal(runs.length, 1);
    assert.deepEqual(timers.delays, []);
  });

  it('cancels its timer when it stops between two runs', async () => {
    const { periodic, timers } = setUp();
    periodic.start();
    await periodic.stop();
    assert.deepEqual(timers.delays, []);
  });

  it('counts runs by task and result, from 0', async () => {
    const { endRun, metrics, periodic } = setUp();
    const counts = async () =>
      [...(await metrics.registry.metrics()).matchAll(/run_seconds_count\{(.*)\} (\d+)/g)].map(
        ([, labels, count]) => `${labels} ${count}`,
      );
    const ok = 'service="test",task="count_stars",result="ok"';
    const failed = 'service="test",task="count_stars",result="failed"';
    assert.deepEqual(await counts(), [`${ok} 0`, `${failed} 0`]);
    for (const error of [undefined, undefined, new Error('clouds')]) {
      const ended = periodic.runNow();
      await endRun(error);
      await ended;
    }
    assert.deepEqual(await counts(), [`${ok} 2`, `${failed} 1`]);
  });

  it('uses real timers where none are given', async () => {
    let count = 0;
    const metrics = new PeriodicMetrics(new Metrics('test'));
    await new Promise<void>((resolve) => {
      const periodic = new Periodic({
        name: 'count_stars',
        every: 1,
        run: async () => {
          count += 1;
          if (count === 3) void periodic.stop().then(resolve);
          await turn();
        },
        metrics,
        onFault: assert.ifError,
      });
      periodic.start();
    });
    assert.equal(count, 3);
  });
});
