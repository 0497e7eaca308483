import assert from 'node:assert/strict';

import { CompleteLink } from '../../src/delivery/change-stream/complete-link.ts';
import { SettableLink } from '../../src/transport/cluster/link-state.ts';

describe('the link to all running nodes', () => {
  let link: SettableLink;
  let heard: ReadonlySet<string> | undefined;
  let running: string[];
  let complete: CompleteLink;
  let changes: boolean[];

  beforeEach(() => {
    link = new SettableLink(true);
    heard = new Set(['this', 'other']);
    running = ['this', 'other'];
    complete = new CompleteLink({
      link,
      nodes: { alive: () => heard },
      running: () => Promise.resolve(running),
    });
    changes = [];
    complete.subscribe((isUp) => changes.push(isUp));
  });

  it('is up while every running node is heard', async () => {
    await complete.check();
    assert.ok(complete.isUp);
    assert.deepEqual(changes, []);
  });

  it('is down while a running node is not heard, until that node is heard or has ended', async () => {
    heard = new Set(['this']);
    await complete.check();
    assert.ok(!complete.isUp);
    running = ['this'];
    await complete.check();
    assert.deepEqual(changes, [false, true]);
    running = ['this', 'other'];
    await complete.check();
    heard = new Set(['this', 'other']);
    await complete.check();
    assert.deepEqual(changes, [false, true, false, true]);
  });

  it('is down while the link is down', async () => {
    link.set(false);
    heard = undefined;
    await complete.check();
    assert.ok(!complete.isUp);
    link.set(true);
    assert.deepEqual(changes, [false, true]);
  });

  it('stays as it is while it is not known which nodes are heard', async () => {
    heard = new Set(['this']);
    await complete.check();
    heard = undefined;
    await complete.check();
    assert.deepEqual(changes, [false]);
  });
});
