import assert from 'node:assert/strict';
import { Metrics } from '@parley/backend-common';
import { recordingLogger } from '@parley/backend-common/testing';

import type {
  EntryStream,
  StreamStart,
} from '../../src/delivery/change-stream/entry-stream-repository.ts';
import { createFollowerMetrics } from '../../src/delivery/change-stream/follower-metrics.ts';
import { LogFollower } from '../../src/delivery/change-stream/log-follower.ts';
import type { EntryDocument } from '../../src/log/entry-document.ts';

import { SettableLink } from '../../src/transport/cluster/link-state.ts';
import { SteppedTimers, turn } from '../support/stepped-timers.ts';

const LOST = new Error('The oplog has rolled over');

/** A stream whose entries and errors come from the test. */
class FakeStream implements EntryStream {
  isClosed = false;
  token: unknown;
  #settle: { resolve(document: EntryDocument): void; reject(error: Error): void } | undefined;

  next(): Promise<EntryDocument> {
    if (this.isClosed) return Promise.reject(new Error('The stream is closed'));
    return new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }

  /** Sends an entry to the reader. */
  async push(seq: number): Promise<void> {
    this.token = `after ${seq}`;
    this.#settle?.resolve({ seq } as EntryDocument);
    await turn();
  }

  async fail(error: Error): Promise<void> {
    this.#settle?.reject(error);
    await turn();
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.#settle?.reject(new Error('The stream is closed'));
    return Promise.resolve();
  }
}

/** A follower of a log that the test writes. */
class Stage {
  readonly link = new SettableLink(true);
  readonly timers = new SteppedTimers();
  readonly starts: StreamStart[] = [];
  readonly streams: FakeStream[] = [];
  readonly received: number[] = [];
  readonly faults: string[] = [];
  readonly log = recordingLogger();
  readonly metrics = new Metrics('test');
  readonly follower: LogFollower;
  now = 100_000;
  compared = 0;
  /** How many of the next streams cannot be opened. */
  failing: Error[] = [];
  comparisonsFail = false;

  constructor() {
    this.follower = new LogFollower({
      link: this.link,
      entries: {
        open: (start) => this.#open(start),
        isLost: (error) => error === LOST,
      },
      received: ({ seq }) => this.received.push(seq),
      compareAll: () => {
        this.compared += 1;
        return this.comparisonsFail ? Promise.reject(new Error('No answer')) : Promise.resolve();
      },
      timers: this.timers,
      monotonic: () => this.now,
      random: () => 0,
      logger: this.log.logger,
      metrics: createFollowerMetrics(this.metrics),
      reportFault: (fault) => this.faults.push(fault),
    });
  }

  get stream(): FakeStream {
    return this.streams.at(-1)!;
  }

  async set(isUp: boolean): Promise<void> {
    this.link.set(isUp);
    await turn();
  }

  async gauge(name: string): Promise<number | undefined> {
    const metric = await this.metrics.registry.getSingleMetric(name)?.get();
    return metric?.values[0]?.value;
  }

  #open(start: StreamStart): Promise<FakeStream> {
    this.starts.push(start);
    const failure = this.failing.shift();
    if (failure !== undefined) return Promise.reject(failure);
    const stream = new FakeStream();
    this.streams.push(stream);
    return Promise.resolve(stream);
  }
}

describe('following the log while the connection to the other nodes is down', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage.follower.stop());

  it('opens no stream while the connection is up', async () => {
    stage.follower.start();
    await turn();
    assert.deepEqual(stage.starts, []);
    assert.equal(await stage.gauge('parley_delivery_change_stream'), 0);
  });

  it('begins 15 s before the loss was noticed, and counts what it reads', async () => {
    stage.follower.start();
    await stage.set(false);
    assert.deepEqual(stage.starts, [{ secondsAgo: 15 }]);
    await stage.stream.push(7);
    await stage.stream.push(8);
    assert.deepEqual(stage.received, [7, 8]);
    assert.equal(await stage.gauge('parley_delivery_change_stream'), 1);
    assert.equal(await stage.gauge('parley_delivery_change_stream_entries_total'), 2);
  });

  it('begins at once on a node that starts without a connection', async () => {
    stage.link.set(false);
    await turn();
    assert.deepEqual(stage.starts, []);
    stage.follower.start();
    await turn();
    assert.deepEqual(stage.starts, [{ secondsAgo: 15 }]);
  });

  it('opens the stream again until that succeeds, and misses nothing meanwhile', async () => {
    stage.follower.start();
    stage.failing = [new Error('No primary'), new Error('No primary')];
    await stage.set(false);
    stage.now += 4_000;
    await stage.timers.step();
    stage.now += 4_000;
    await stage.timers.step();
    assert.deepEqual(stage.starts, [{ secondsAgo: 15 }, { secondsAgo: 19 }, { secondsAgo: 23 }]);
    assert.deepEqual(stage.faults, ['change_stream_failed', 'change_stream_failed']);
  });

  it('continues after the last entry when the stream fails', async () => {
    stage.follower.start();
    await stage.set(false);
    await stage.stream.push(7);
    await stage.stream.fail(new Error('The primary stepped down'));
    await stage.timers.step();
    assert.deepEqual(stage.starts, [{ secondsAgo: 15 }, { token: 'after 7' }]);
    await stage.stream.push(8);
    assert.deepEqual(stage.received, [7, 8]);
    assert.ok(stage.streams[0]!.isClosed);
    assert.equal(stage.compared, 0);
  });

  it('starts anew and compares every delivery if MongoDB has not kept the changes since the last entry', async () => {
    stage.follower.start();
    await stage.set(false);
    await stage.stream.push(7);
    stage.failing = [LOST];
    await stage.stream.fail(new Error('The primary stepped down'));
    stage.comparisonsFail = true;
    await stage.timers.step();
    await stage.timers.step();
    // The comparison failed. It is repeated, with the stream open before it.
    assert.equal(stage.compared, 1);
    stage.comparisonsFail = false;
    await stage.timers.step();
    assert.deepEqual(stage.starts.slice(2), [{ secondsAgo: 2 }, { secondsAgo: 2 }]);
    assert.equal(stage.compared, 2);
    await stage.stream.push(9);
    assert.deepEqual(stage.received, [7, 9]);
  });

  it('ends some seconds after the connection is up again, when every delivery has been compared', async () => {
    stage.follower.start();
    await stage.set(false);
    await stage.set(true);
    await stage.stream.push(7);
    assert.ok(!stage.stream.isClosed);
    stage.comparisonsFail = true;
    await stage.timers.step();
    assert.ok(!stage.stream.isClosed);
    stage.comparisonsFail = false;
    await stage.timers.step();
    assert.ok(stage.stream.isClosed);
    assert.equal(stage.compared, 2);
    assert.equal(await stage.gauge('parley_delivery_change_stream'), 0);
    assert.equal(stage.log.lines.length, 2);
  });

  it('stays open if the connection is lost again at once', async () => {
    stage.follower.start();
    await stage.set(false);
    await stage.set(true);
    await stage.set(false);
    await stage.timers.step();
    await stage.stream.push(7);
    assert.deepEqual([stage.received, stage.streams.length], [[7], 1]);
    await stage.set(true);
    await stage.timers.step();
    assert.ok(stage.stream.isClosed);
    await stage.set(false);
    assert.equal(stage.streams.length, 2);
    assert.equal(stage.log.lines.length, 3);
  });

  it('opens nothing after it was stopped', async () => {
    stage.follower.start();
    await stage.set(false);
    await stage.follower.stop();
    assert.ok(stage.stream.isClosed);
    await stage.set(true);
    await stage.set(false);
    await stage.timers.step();
    assert.equal(stage.streams.length, 1);
    assert.deepEqual(stage.faults, []);
  });
});
