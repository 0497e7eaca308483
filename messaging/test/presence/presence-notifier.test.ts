import assert from 'node:assert/strict';
import { Metrics, PeriodicMetrics } from '@parley/backend-common';
import { silentLogger } from '@parley/backend-common/testing';
import type { Presence } from '@parley/common/contract';

import type { Contacts } from '../../src/presence/contacts.ts';
import { PresenceNotifier } from '../../src/presence/presence-notifier.ts';
import type { PresenceReader } from '../../src/presence/presence-reader.ts';
import { WatcherRegistry } from '../../src/presence/watcher-registry.ts';
import { fakeSocket, type FakeSocket } from '../support/fake-socket.ts';

const offline: Presence = { userId: 'bo', online: false, lastSeenAt: 7 };
const online: Presence = { userId: 'bo', online: true, lastSeenAt: 9 };
const unknown: Presence = { userId: 'bo', online: null, lastSeenAt: 7 };

describe('the presence notifier', () => {
  let present: Presence;
  let readings: (() => void)[];
  let fails: boolean;
  let strangers: string[];
  let watchers: WatcherRegistry;
  let published: string[][];
  let clusterEvent: (userIds: readonly string[]) => void;
  let notifier: PresenceNotifier;
  let ann: FakeSocket;

  beforeEach(() => {
    present = offline;
    readings = [];
    fails = false;
    strangers = [];
    published = [];
    watchers = new WatcherRegistry();
    const reader = {
      read: async () => {
        const read = present;
        await new Promise<void>((resolve) => readings.push(resolve));
        return [read];
      },
    };
    const contacts = {
      among: (_: string, others: readonly string[]) =>
        fails
          ? Promise.reject(new Error('The database is unavailable'))
          : Promise.resolve(new Set(others.filter((other) => !strangers.includes(other)))),
    };
    notifier = new PresenceNotifier({
      watchers,
      reader: reader as unknown as PresenceReader,
      contacts: contacts as unknown as Contacts,
      cluster: {
        publish: (userIds) => void published.push([...userIds]),
        subscribe: (listener) => (clusterEvent = listener),
      },
      periodicMetrics: new PeriodicMetrics(new Metrics('test')),
      logger: silentLogger(),
    });
    notifier.start();
    ann = fakeSocket({ userId: 'ann', sessionId: 's', expiresAt: 1 });
    watchers.watch(ann, ['bo']);
    notifier.show(ann, offline);
  });
  afterEach(() => notifier.stop());

  /** Completes all readings, and those that they cause. */
  const settle = async () => {
    do {
      for (const end of readings.splice(0)) end();
      await new Promise((resolve) => setImmediate(resolve));
    } while (readings.length > 0);
  };
  const received = () => ann.emitted.map(([, presence]) => presence);

  it('notifies watchers after a cluster event, and publishes none itself', async () => {
    present = online;
    clusterEvent(['bo', 'cleo']);
    await settle();
    assert.deepEqual(received(), [online]);
    assert.deepEqual(published, []);
  });

  it('publishes a change on this node to the others, even if nobody watches here', async () => {
    notifier.changed(['cleo']);
    notifier.changed([]);
    await settle();
    assert.deepEqual(published, [['cleo']]);
    assert.deepEqual(received(), []);
  });

  it('does not send the same presence twice', async () => {
    present = online;
    notifier.changed(['bo']);
    await settle();
    present = { ...online, lastSeenAt: 99 };
    notifier.compare();
    await settle();
    assert.deepEqual(received(), [online]);
  });

  it('finds changes without a cluster event by comparing: a crashed node, or Redis unavailable', async () => {
    present = unknown;
    notifier.compare();
    await settle();
    present = online;
    notifier.compare();
    await settle();
    assert.deepEqual(received(), [unknown, online]);
  });

  it('sends the newest presence last when it changes during a reading', async () => {
    present = online;
    notifier.changed(['bo']);
    present = offline;
    notifier.changed(['bo']);
    await settle();
    assert.deepEqual(received(), [online, offline]);
  });

  it('retries a change that could not be sent', async () => {
    fails = true;
    present = online;
    notifier.changed(['bo']);
    await settle();
    assert.deepEqual(received(), []);
    fails = false;
    notifier.compare();
    await settle();
    assert.deepEqual(received(), [online]);
  });

  it('sends one hidden presence to a watcher who is no longer a contact, and then nothing', async () => {
    strangers = ['ann'];
    for (present of [online, offline, online]) {
      notifier.compare();
      await settle();
    }
    assert.deepEqual(received(), [{ userId: 'bo', online: false, lastSeenAt: null }]);
  });

  it('answers a new watcher with what the others were sent, and then sends the change to all', async () => {
    const second = fakeSocket({ userId: 'cleo', sessionId: 't', expiresAt: 1 });
    watchers.watch(second, ['bo']);
    present = online;
    assert.deepEqual(notifier.show(second, online), offline);
    await settle();
    assert.deepEqual(received(), [online]);
    assert.deepEqual(second.emitted, [['presence', online]]);
  });
});
