import assert from 'node:assert/strict';
import { silentLogger } from '@parley/backend-common/testing';
import type { ProfileRecord } from '@parley/backend-common/domain';

import { PresenceReader } from '../../src/presence/presence-reader.ts';

const NOW = 1_000;

describe('the presence of users', () => {
  const asked: string[][] = [];
  let active: ReadonlySet<string> | null;
  const record = (id: string, { deleted = false, lastSeen = true }) =>
    ({ profile: { id, deleted }, privacy: { lastSeen } }) as ProfileRecord;
  const records = new Map([
    ['online', record('online', {})],
    ['away', record('away', {})],
    ['never-seen', record('never-seen', {})],
    ['hiding', record('hiding', { lastSeen: false })],
    ['deleted', record('deleted', { deleted: true })],
  ]);
  const all = [...records.keys(), 'nobody'];
  const reader = new PresenceReader({
    store: { activeAmong: () => Promise.resolve(active) } as never,
    repository: {
      lastSeen: (userIds) => {
        asked.push([...userIds]);
        return Promise.resolve(new Map(userIds.includes('away') ? [['away', 7]] : []));
      },
    },
    profiles: { get: () => Promise.resolve(records) },
    now: () => NOW,
    logger: silentLogger(),
  });
  beforeEach(() => {
    asked.length = 0;
    active = new Set(['online', 'hiding', 'deleted']);
  });

  const hidden = ['hiding', 'deleted', 'nobody'].map((userId) => ({
    ...{ userId, online: false, lastSeenAt: null },
  }));

  it('says when somebody was last seen, which it reads of those alone who show it and are offline', async () => {
    assert.deepEqual(await reader.read(all), [
      { userId: 'online', online: true, lastSeenAt: NOW },
      { userId: 'away', online: false, lastSeenAt: 7 },
      { userId: 'never-seen', online: false, lastSeenAt: null },
      ...hidden,
    ]);
    assert.deepEqual(asked, [['away', 'never-seen']]);
  });

  it('is not read again where it is known, except of those who are online now', async () => {
    const known = new Map([
      ['online', 3],
      ['away', 4],
      ['hiding', 5],
    ]);
    const presences = await reader.read(all, (userId) => known.get(userId) ?? null);
    assert.deepEqual(presences, [
      { userId: 'online', online: true, lastSeenAt: NOW },
      { userId: 'away', online: false, lastSeenAt: 4 },
      { userId: 'never-seen', online: false, lastSeenAt: null },
      ...hidden,
    ]);
    assert.deepEqual(asked, [['never-seen']]);
  });

  it('has what was last seen while it is not known who is online', async () => {
    active = null;
    const [online, away] = await reader.read(['online', 'away']);
    assert.deepEqual(online, { userId: 'online', online: null, lastSeenAt: null });
    assert.deepEqual(away, { userId: 'away', online: null, lastSeenAt: 7 });
  });
});
