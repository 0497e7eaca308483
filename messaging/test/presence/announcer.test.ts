import assert from 'node:assert/strict';
import { silentLogger } from '@parley/backend-common/testing';
import type { Presence } from '@parley/common/contract';

import type { Acquaintances } from '../../src/presence/acquaintances.ts';
import { Announcer } from '../../src/presence/announcer.ts';
import type { PresenceReader } from '../../src/presence/presence-reader.ts';
import { Watchers } from '../../src/presence/watchers.ts';
import { fakeSocket, type FakeSocket } from '../support/fake-socket.ts';

const away: Presence = { userId: 'bo', online: false, lastSeenAt: 7 };
const here: Presence = { userId: 'bo', online: true, lastSeenAt: 9 };
const unknown: Presence = { userId: 'bo', online: null, lastSeenAt: 7 };

describe('the announcer of presences', () => {
  let present: Presence;
  let readings: (() => void)[];
  let fails: boolean;
  let strangers: string[];
  let watchers: Watchers;
  let published: string[][];
  let hint: (userIds: readonly string[]) => void;
  let announcer: Announcer;
  let ann: FakeSocket;

  beforeEach(() => {
    present = away;
    readings = [];
    fails = false;
    strangers = [];
    published = [];
    watchers = new Watchers();
    const reader = {
      read: async () => {
        const read = present;
        await new Promise<void>((resolve) => readings.push(resolve));
        return [read];
      },
    };
    const acquaintances = {
      among: (_: string, others: readonly string[]) =>
        fails
          ? Promise.reject(new Error('The database is away'))
          : Promise.resolve(new Set(others.filter((other) => !strangers.includes(other)))),
    };
    announcer = new Announcer({
      watchers,
      reader: reader as unknown as PresenceReader,
      acquaintances: acquaintances as unknown as Acquaintances,
      hints: {
        publish: (userIds) => void published.push([...userIds]),
        subscribe: (listener) => (hint = listener),
      },
      logger: silentLogger(),
    });
    announcer.start();
    ann = fakeSocket({ userId: 'ann', sessionId: 's', expiresAt: 1 });
    watchers.add(ann, ['bo']);
    announcer.show(ann, away);
  });
  afterEach(() => announcer.stop());

  /** Lets readings under way, and those that follow, end. */
  const settle = async () => {
    do {
      for (const end of readings.splice(0)) end();
      await new Promise((resolve) => setImmediate(resolve));
    } while (readings.length > 0);
  };
  const told = () => ann.emitted.map(([, presence]) => presence);

  it('tells what a hint of another node leads to, and publishes nothing', async () => {
    present = here;
    hint(['bo', 'cleo']);
    await settle();
    assert.deepEqual(told(), [here]);
    assert.deepEqual(published, []);
  });

  it('lets the other nodes know of what changed here, also where nobody watches', async () => {
    announcer.changed(['cleo']);
    announcer.changed([]);
    await settle();
    assert.deepEqual(published, [['cleo']]);
    assert.deepEqual(told(), []);
  });

  it('tells nothing twice', async () => {
    present = here;
    announcer.changed(['bo']);
    await settle();
    present = { ...here, lastSeenAt: 99 };
    announcer.compare();
    await settle();
    assert.deepEqual(told(), [here]);
  });

  it('finds by comparing what no hint told: a node that died, or Redis that is away', async () => {
    present = unknown;
    announcer.compare();
    await settle();
    present = here;
    announcer.compare();
    await settle();
    assert.deepEqual(told(), [unknown, here]);
  });

  it('ends with the newest, whatever changes while it reads', async () => {
    present = here;
    announcer.changed(['bo']);
    present = away;
    announcer.changed(['bo']);
    await settle();
    assert.deepEqual(told(), [here, away]);
  });

  it('tells again what it could not tell', async () => {
    fails = true;
    present = here;
    announcer.changed(['bo']);
    await settle();
    assert.deepEqual(told(), []);
    fails = false;
    announcer.compare();
    await settle();
    assert.deepEqual(told(), [here]);
  });

  it('tells who has become a stranger once, and then nothing', async () => {
    strangers = ['ann'];
    for (present of [here, away, here]) {
      announcer.compare();
      await settle();
    }
    assert.deepEqual(told(), [{ userId: 'bo', online: false, lastSeenAt: null }]);
  });

  it('shows a further watcher what the others were told, and all what is newer', async () => {
    const second = fakeSocket({ userId: 'cleo', sessionId: 't', expiresAt: 1 });
    watchers.add(second, ['bo']);
    present = here;
    assert.deepEqual(announcer.show(second, here), away);
    await settle();
    assert.deepEqual(told(), [here]);
    assert.deepEqual(second.emitted, [['presence', here]]);
  });
});
