import assert from 'node:assert/strict';
import { Metrics, serveMetrics } from '@parley/backend-common';

describe('metrics', () => {
  it('are served on their own port, which serves nothing else', async () => {
    const metrics = new Metrics('toy');
    metrics.counter('parley_things_total', 'Things', ['kind']).inc({ kind: 'good' }, 2);
    let depth = 3;
    metrics.observed('parley_depth', 'Depth', () => depth);
    const served = await serveMetrics(metrics, { host: '127.0.0.1', port: 0 });
    try {
      depth = 4;
      const text = await (await fetch(served.url)).text();
      assert.match(text, /^parley_things_total\{kind="good",service="toy"\} 2$/m);
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
});
