import assert from 'node:assert/strict';
import { Metrics } from '@parley/backend-common';
import { Histogram, Registry } from 'prom-client';

import { DURATION_BUCKETS } from '../src/metrics/duration-histogram.ts';

/** Lines of a scrape with the labels of each in one order. */
function lines(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.replace(/\{(.*)\}/, (_, labels: string) => labels.split(',').sort().join()))
    .sort();
}

describe('a histogram of durations', () => {
  it('is exported as that of prom-client', async () => {
    const metrics = new Metrics('toy');
    const ours = metrics.duration('parley_work_seconds', 'Work', { kind: ['a', 'b'], size: ['s'] });
    const registry = new Registry();
    registry.setDefaultLabels({ service: 'toy' });
    const theirs = new Histogram({
      ...{ name: 'parley_work_seconds', help: 'Work', labelNames: ['kind', 'size'] },
      ...{ buckets: [...DURATION_BUCKETS], registers: [registry] },
    });
    for (const kind of ['a', 'b']) theirs.zero({ kind, size: 's' });
    const durations = [0, 0.000_4, ...DURATION_BUCKETS, 0.75, 29.9, 31, 1_000];
    for (const seconds of durations) {
      for (const labels of [
        { kind: 'a', size: 's' },
        { kind: 'later', size: 's' },
      ]) {
        ours.with(labels).observe(seconds);
        theirs.observe(labels, seconds);
      }
    }
    assert.deepEqual(lines(await metrics.registry.metrics()), lines(await registry.metrics()));
  });

  it('has one series without labels', async () => {
    const metrics = new Metrics('toy');
    const work = metrics.duration('parley_work_seconds', 'Work');
    const end = work.startTimer();
    end();
    work.observe(100);
    const text = await metrics.registry.metrics();
    assert.match(text, /^# TYPE parley_work_seconds histogram$/m);
    assert.match(text, /^parley_work_seconds_bucket\{le="30",service="toy"\} 1$/m);
    assert.match(text, /^parley_work_seconds_bucket\{le="\+Inf",service="toy"\} 2$/m);
    assert.match(text, /^parley_work_seconds_count\{service="toy"\} 2$/m);
  });

  it('refuses what is not a duration, which would spoil its sum', () => {
    const work = new Metrics('toy').duration('parley_work_seconds', 'Work');
    for (const seconds of [NaN, Infinity]) assert.throws(() => work.observe(seconds), TypeError);
  });
});
