import assert from 'node:assert/strict';
import { Resources } from '@parley/backend-common';
import { silentLogger } from '@parley/backend-common/testing';

describe('resources', () => {
  it('are closed last-in first-out, one after the other', async () => {
    const resources = new Resources(silentLogger());
    const events: string[] = [];
    for (const name of ['first', 'second']) {
      resources.defer(name, async () => {
        events.push(`${name} closes`);
        await new Promise((resolve) => setImmediate(resolve));
        events.push(`${name} closed`);
      });
    }
    await resources.close();
    assert.deepEqual(events, ['second closes', 'second closed', 'first closes', 'first closed']);
  });

  it('are closed even if one of them throws or rejects', async () => {
    const resources = new Resources(silentLogger());
    const closed: string[] = [];
    resources.defer('first', () => closed.push('first'));
    resources.defer('throws', () => {
      throw new Error('stuck');
    });
    resources.defer('rejects', () => Promise.reject(new Error('stuck')));
    resources.defer('last', () => closed.push('last'));
    await resources.close();
    assert.deepEqual(closed, ['last', 'first']);
  });

  it('are closed once, however often close is called', async () => {
    const resources = new Resources(silentLogger());
    let count = 0;
    resources.defer('one', () => (count += 1));
    await Promise.all([resources.close(), resources.close()]);
    await resources.close();
    assert.equal(count, 1);
  });
});
