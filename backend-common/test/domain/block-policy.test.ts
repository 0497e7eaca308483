import assert from 'node:assert/strict';

import { BELIEVED, BlockPolicy } from '../../src/domain/blocks/block-policy.ts';
import type { Relations } from '../../src/domain/blocks/block-repository.ts';
import { BlockPoller } from '../../src/domain/blocks/block-poller.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { PeriodicMetrics } from '../../src/work/periodic-metrics.ts';
import { silentLogger } from '../../src/testing/index.ts';

/** Blocks as they are stored, and how often they were asked for. */
class Store {
  readonly pairs: [string, string][] = [];
  asked: (readonly string[])[] = [];
  amongAsked = 0;
  incomplete = new Set<string>();
  fails = false;
  changes: { userId: string; blockedId: string; changedAt: number }[] = [];
  hold: Promise<void> | undefined;

  async relationsOf(userIds: readonly string[]): Promise<Map<string, Relations>> {
    this.asked.push(userIds);
    const of = (userId: string): Relations => ({
      blocking: new Set(this.pairs.filter(([one]) => one === userId).map(([, other]) => other)),
      blockedBy: new Set(this.pairs.filter(([, other]) => other === userId).map(([one]) => one)),
      isComplete: !this.incomplete.has(userId),
    });
    const found = new Map(userIds.map((userId) => [userId, of(userId)]));
    await this.hold;
    return found;
  }

  among(userId: string, others: readonly string[]) {
    this.amongAsked += 1;
    const found = this.pairs.filter(
      ([one, other]) =>
        (one === userId && others.includes(other)) || (other === userId && others.includes(one)),
    );
    return Promise.resolve(found.map(([one, other]) => ({ userId: one, blockedId: other })));
  }

  changedSince(time: number) {
    if (this.fails) return Promise.reject(new Error('away'));
    return Promise.resolve(this.changes.filter(({ changedAt }) => changedAt > time));
  }
}

/** Lets the event loop turn until a condition is true. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('the policy on blocks', () => {
  let store: Store;
  let policy: BlockPolicy;
  let poller: BlockPoller;
  let time: number;
  beforeEach(() => {
    time = 1_000_000;
    store = new Store();
    policy = new BlockPolicy({ reader: store, monotonic: () => time });
    poller = new BlockPoller({
      reader: store,
      policy,
      now: () => time,
      monotonic: () => time,
      metrics: new PeriodicMetrics(new Metrics('test')),
      logger: silentLogger(),
    });
  });

  it('says at once what it knows, to each side its own', async () => {
    await poller.poll();
    store.pairs.push(['ann', 'bo']);
    assert.equal(await policy.between('ann', 'bo'), 'own');
    assert.equal(policy.between('ann', 'bo'), 'own');
    assert.equal(policy.between('bo', 'ann'), 'other');
    assert.equal(policy.between('ann', 'cleo'), null);
    assert.deepEqual(store.asked, [['ann']]);
    await assert.rejects(policy.requireOpen('ann', ['cleo', 'bo']), { code: 'blocked' });
    await assert.rejects(policy.requireOpen('bo', ['ann']), { code: 'recipient_unavailable' });
    await policy.requireOpen('cleo', ['ann', 'bo']);
  });

  it('tells whoever blocks and is blocked of the own block', async () => {
    store.pairs.push(['ann', 'bo'], ['bo', 'ann']);
    assert.equal(await policy.between('ann', 'bo'), 'own');
    assert.equal(await policy.between('bo', 'ann'), 'own');
  });

  it('drops what changes at once, also what is being read', async () => {
    await poller.poll();
    assert.equal(await policy.between('ann', 'bo'), null);
    store.pairs.push(['bo', 'ann']);
    policy.changed(['bo', 'ann']);
    assert.equal(await policy.between('ann', 'bo'), 'other');

    let release!: () => void;
    store.hold = new Promise((resolve) => (release = resolve));
    const stale = policy.between('cleo', 'dan');
    await until(() => store.asked.some((userIds) => userIds.includes('cleo')));
    store.pairs.push(['dan', 'cleo']);
    policy.changed(['dan', 'cleo']);
    store.hold = undefined;
    release();
    assert.equal(await stale, null);
    assert.equal(await policy.between('cleo', 'dan'), 'other');
  });

  it('is never older than 5 s, whatever hint is lost', async () => {
    await poller.poll();
    assert.equal(await policy.between('ann', 'bo'), null);
    store.pairs.push(['ann', 'bo']);
    store.changes.push({ userId: 'ann', blockedId: 'bo', changedAt: time });
    time += 2_000;
    assert.equal(policy.between('ann', 'bo'), null);
    await poller.poll();
    assert.equal(await policy.between('ann', 'bo'), 'own');

    // Nobody can say what has changed: then what is remembered is not believed.
    store.fails = true;
    store.pairs.length = 0;
    time += BELIEVED;
    await poller.poll();
    assert.equal(await policy.between('ann', 'bo'), null);
    store.pairs.push(['ann', 'bo']);
    assert.equal(await policy.between('ann', 'bo'), 'own');
    // What was read meanwhile is not believed afterwards either.
    store.pairs.length = 0;
    store.fails = false;
    await poller.poll();
    assert.equal(await policy.between('ann', 'bo'), null);
  });

  it('tells its listeners of each change once a look', async () => {
    const told: unknown[] = [];
    policy.onChange((pair) => told.push(pair));
    store.changes.push({ userId: 'ann', blockedId: 'bo', changedAt: time });
    await poller.poll();
    await poller.poll();
    assert.deepEqual(told, [['ann', 'bo']]);
    store.changes.push({ userId: 'ann', blockedId: 'bo', changedAt: time + 1 });
    await poller.poll();
    assert.equal(told.length, 2);
  });

  it('knows pairs of people whom thousands block by the other one, or asks', async () => {
    await poller.poll();
    store.incomplete.add('star').add('idol');
    store.pairs.push(['fan', 'star'], ['star', 'idol']);
    assert.equal(await policy.between('star', 'fan'), 'other');
    assert.equal(store.amongAsked, 1);
    assert.equal(await policy.between('fan', 'star'), 'own');
    assert.equal(policy.between('star', 'fan'), 'other');
    assert.equal(store.amongAsked, 1);
    assert.deepEqual([...(await policy.among('star', ['idol', 'fan', 'ann']))].sort(), [
      ['fan', 'other'],
      ['idol', 'own'],
    ]);
  });
});
