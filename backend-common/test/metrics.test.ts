import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Metrics, serveMetrics } from '@parley/backend-common';

import { VERSION } from '../src/lifecycle/version.ts';

describe('metrics', () => {
  it('are served on their own port, which serves nothing else', async () => {
    const metrics = new Metrics('toy');
    metrics
      .counter('parley_things_total', 'Things', { kind: ['good', 'bad'] })
      .inc({ kind: 'good' }, 2);
    let depth = 3;
    metrics.observed('parley_depth', 'Depth', () => depth);
    const served = await serveMetrics(metrics, { host: '127.0.0.1', port: 0 });
    try {
      depth = 4;
      const text = await (await fetch(served.url)).text();
      assert.match(text, /^parley_things_total\{kind="good",service="toy"\} 2$/m);
      assert.match(text, /^parley_things_total\{kind="bad",service="toy"\} 0$/m);
      assert.match(text, /^parley_depth\{service="toy"\} 4$/m);
      const elsewhere = await fetch(new URL('/', served.url));
      assert.equal(elsewhere.status, 404);
      const posted = await fetch(served.url, { method: 'POST' });
      assert.equal(posted.status, 404);
    } finally {
      await served.close();
    }
  });

  it('of two services in one process are separate', async () => {
    const [one, two] = [new Metrics('one'), new Metrics('two')];
    one.counter('parley_things_total', 'Things').inc();
    two.counter('parley_things_total', 'Things').inc(5);
    assert.match(await one.registry.metrics(), /\{service="one"\} 1/);
    assert.match(await two.registry.metrics(), /\{service="two"\} 5/);
  });

  it('begin at 0 for each combination of the known label values', async () => {
    const metrics = new Metrics('toy');
    metrics.counter('parley_things_total', 'Things', { kind: ['a', 'b'], size: ['s', 'l'] });
    metrics.counter('parley_later_total', 'Later', { kind: ['a'], size: [] });
    metrics.duration('parley_work_seconds', 'Work', { kind: ['a'] });
    const text = await metrics.registry.metrics();
    assert.equal(text.match(/^parley_things_total\{.*\} 0$/gm)?.length, 4);
    assert.doesNotMatch(text, /^parley_later_total\{/m);
    assert.match(text, /^parley_work_seconds_count\{(?=.*kind="a").*\} 0$/m);
  });

  it('name the version of package.json', async () => {
    const root = new URL('../../package.json', import.meta.url);
    const { version } = JSON.parse(await readFile(root, 'utf8')) as { version: string };
    assert.equal(VERSION, version);
  });
});
