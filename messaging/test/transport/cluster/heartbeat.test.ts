import assert from 'node:assert/strict';
import { manualTimers, type ManualTimers } from '@parley/backend-common/testing';

import { Heartbeat } from '../../../src/transport/cluster/heartbeat.ts';

/** Nodes that hear each other as long as the test lets them. */
class Wire {
  readonly #listeners: ((message: string) => void)[] = [];
  carries = true;

  publish(message: string): void {
    if (!this.carries) return;
    for (const listener of this.#listeners) listener(message);
  }

  subscribe(listener: (message: string) => void): void {
    this.#listeners.push(listener);
  }
}

describe('the heartbeat of a node', () => {
  let wire: Wire;
  let time: number;
  let timers: ManualTimers;
  let reconnects: number;
  let roundTrips: number[];

  beforeEach(() => {
    [wire, time, timers, reconnects, roundTrips] = [new Wire(), 0, manualTimers(), 0, []];
  });

  const node = (nodeId: string) => {
    const heartbeat = new Heartbeat({
      nodeId,
      publish: (message) => wire.publish(message),
      reconnect: () => (reconnects += 1),
      roundTrip: { observe: (seconds) => void roundTrips.push(seconds) },
      monotonic: () => time,
      setTimer: timers.setTimer,
    });
    wire.subscribe((message) => heartbeat.received(message));
    return heartbeat;
  };
  /** Lets nodes send `count` heartbeats, one every 2 s. */
  const beat = (nodes: readonly Heartbeat[], count = 1) => {
    for (let round = 0; round < count; round += 1) {
      time += 2_000;
      for (const each of nodes) each.beat();
    }
  };
  const aliveOf = (heartbeat: Heartbeat) => [...(heartbeat.nodes.alive() ?? [])].toSorted();

  it('brings the link up when it comes back, and keeps it up', () => {
    const one = node('one');
    const changes: boolean[] = [];
    one.link.subscribe((isUp) => void changes.push(isUp));
    assert.equal(one.link.isUp, false);
    one.greet();
    beat([one], 20);
    assert.deepEqual(changes, [true]);
    assert.equal(reconnects, 0);
    assert.equal(roundTrips.length, 21);
  });

  it('takes the link down 8 to 10 s after the last one that came back, and replaces the connections', () => {
    const one = node('one');
    one.greet();
    wire.carries = false;
    beat([one], 4);
    assert.equal(one.link.isUp, true);
    beat([one]);
    assert.equal(one.link.isUp, false);
    assert.equal(time, 10_000);
    assert.equal(reconnects, 1);
  });

  it('replaces the connections again and again while nothing comes back', () => {
    const one = node('one');
    one.greet();
    wire.carries = false;
    beat([one], 13);
    assert.equal(reconnects, 3);
    wire.carries = true;
    beat([one]);
    assert.equal(one.link.isUp, true);
  });

  it('takes the link down at once when the connection is lost', () => {
    const one = node('one');
    one.greet();
    one.lost();
    assert.equal(one.link.isUp, false);
  });

  it('does not count a heartbeat that comes back after more than 8 s', () => {
    const one = node('one');
    time = 9_000;
    one.received(JSON.stringify({ nodeId: 'one', at: 500, greets: false }));
    assert.equal(one.link.isUp, false);
    one.received(JSON.stringify({ nodeId: 'one', at: 1_500, greets: false }));
    assert.equal(one.link.isUp, true);
  });

  it('tells nobody dead while this node itself was too busy to send or read', () => {
    const [one, two] = [node('one'), node('two')];
    for (const each of [one, two]) each.greet();
    time += 60_000;
    beat([one], 3);
    assert.equal(one.link.isUp, true);
    assert.deepEqual(aliveOf(one), ['one', 'two']);
  });

  it('shows a node that starts which nodes run, before its first regular heartbeat', () => {
    const two = node('two');
    two.greet();
    const one = node('one');
    one.greet();
    assert.deepEqual(aliveOf(one), ['one', 'two']);
    assert.deepEqual(aliveOf(two), ['one', 'two']);
  });

  it('shows within 10 s that a node has died, and notifies the listeners', () => {
    const [one, two] = [node('one'), node('two')];
    for (const each of [one, two]) each.greet();
    beat([one, two], 3);
    const seen: string[][] = [];
    one.nodes.subscribe(() => void seen.push(aliveOf(one)));
    beat([one], 4);
    assert.deepEqual(aliveOf(one), ['one', 'two']);
    beat([one]);
    assert.deepEqual(seen, [['one']]);
    beat([two]);
    assert.deepEqual(seen, [['one'], ['one', 'two']]);
  });

  it('does not know the nodes while the link is down, nor for a second after it', () => {
    const [one, two] = [node('one'), node('two')];
    for (const each of [one, two]) each.greet();
    one.lost();
    assert.equal(one.nodes.alive(), undefined);
    one.greet();
    assert.equal(one.link.isUp, true);
    assert.equal(one.nodes.alive(), undefined);
    assert.deepEqual(timers.delays, [1_000]);
    timers.fire();
    assert.deepEqual(aliveOf(one), ['one', 'two']);
  });

  it('starts that second again when the link is lost within it', () => {
    const one = node('one');
    one.greet();
    one.lost();
    one.greet();
    one.lost();
    assert.deepEqual(timers.delays, []);
    one.greet();
    assert.deepEqual(timers.delays, [1_000]);
  });

  it('tells after two heartbeats that all nodes read the channel of entries', () => {
    const [one, two] = [node('one'), node('two')];
    for (const each of [one, two]) each.greet();
    beat([one, two]);
    assert.equal(one.nodes.readEntryChannel(), false);
    beat([one, two]);
    assert.equal(one.nodes.readEntryChannel(), true);
    one.lost();
    assert.equal(one.nodes.readEntryChannel(), false);
    one.greet();
    timers.fire();
    beat([one, two]);
    assert.equal(one.nodes.readEntryChannel(), false);
    beat([one, two]);
    assert.equal(one.nodes.readEntryChannel(), true);
  });

  it('tells at once that a node of a former version runs, until that node has stopped', () => {
    const one = node('one');
    one.greet();
    beat([one], 2);
    assert.equal(one.nodes.readEntryChannel(), true);
    const former = () => wire.publish(JSON.stringify({ nodeId: 'two', at: time, greets: true }));
    former();
    assert.equal(one.nodes.readEntryChannel(), false);
    beat([one], 4);
    assert.equal(one.nodes.readEntryChannel(), false);
    beat([one]);
    assert.equal(one.nodes.readEntryChannel(), true);
    former();
    assert.equal(one.nodes.readEntryChannel(), false);
  });

  it('has one epoch as long as all nodes record changes for certain', () => {
    const [one, two] = [node('one'), node('two')];
    const epoch = () => one.nodes.recordingEpoch();
    for (const each of [one, two]) each.greet();
    beat([one, two]);
    assert.equal(epoch(), undefined);
    beat([one, two]);
    const first = epoch();
    assert.notEqual(first, undefined);
    beat([one, two]);
    assert.equal(epoch(), first);

    wire.publish(JSON.stringify({ nodeId: 'three', at: time, readsEntryChannel: true }));
    assert.deepEqual([epoch(), one.nodes.readEntryChannel()], [undefined, true]);
    beat([one, two], 5);
    const second = epoch();
    assert.ok(second !== undefined && second !== first);

    one.lost();
    assert.equal(epoch(), undefined);
    one.greet();
    timers.fire();
    beat([one, two], 2);
    assert.ok(![undefined, first, second].includes(epoch()));
  });

  it('refuses what is no heartbeat', () => {
    const one = node('one');
    for (const message of ['', '{', '{}', '{"nodeId":1,"at":2}', '{"nodeId":"a"}', 'null']) {
      assert.throws(() => one.received(message));
    }
  });
});
