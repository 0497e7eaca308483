import assert from 'node:assert/strict';

import { exportedMetrics, type ExportedMetric } from './support/exported-metrics.ts';

/** Endings that say what is counted; everything else is measured in a base unit. */
const FOREIGN_UNITS = /_(?:milliseconds|ms|minutes|hours|kilobytes|kb|mib|percent)(?:_|$)/;

describe('the metrics of a service that has just started', function () {
  this.timeout(60_000);
  let all: readonly ExportedMetric[];
  let own: readonly ExportedMetric[];

  before(async () => {
    const services = await exportedMetrics();
    assert.deepEqual([...services.keys()], ['auth', 'messaging', 'web']);
    all = [...services.values()].flat();
    own = all.filter(({ name }) => name.startsWith('parley_'));
  });

  it('have names by the conventions of Prometheus', () => {
    for (const { help, name, type } of all) {
      assert.match(name, /^[a-z][a-z0-9_]*[a-z0-9]$/);
      assert.match(help, /\S/, name);
      assert.doesNotMatch(name, FOREIGN_UNITS);
      assert.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`);
      assert.doesNotMatch(name, /_(?:count|sum|bucket|info_total)$/);
      if (type === 'histogram') assert.match(name, /_(?:seconds|bytes)$/);
    }
  });

  it('count from 0, so that increase() sees the first event', () => {
    // Hundreds of operations times the buckets of a histogram: they come with their first use.
    const late = new Set(['parley_operation_duration_seconds']);
    const unborn = own.filter(
      ({ name, samples, type }) => type !== 'gauge' && !late.has(name) && samples.length === 0,
    );
    assert.deepEqual(
      unborn.map(({ name }) => name),
      [],
    );
  });

  it('have labels that are words, and few of them', () => {
    for (const { name, samples } of own) {
      const values = new Map<string, Set<string>>();
      for (const { labels } of samples) {
        for (const [label, value] of Object.entries(labels)) {
          if (label === 'le' || label.endsWith('version')) continue;
          assert.match(value, /^[A-Za-z0-9][A-Za-z0-9_.:-]*$/, `${name} has ${label}="${value}"`);
          values.set(label, (values.get(label) ?? new Set()).add(value));
        }
      }
      for (const [label, given] of values) assert.ok(given.size <= 100, `${name}: ${label}`);
    }
  });

  it('say which build runs', () => {
    const builds = own.filter(({ name }) => name === 'parley_build_info');
    assert.equal(builds.length, 3);
    for (const { samples } of builds) {
      assert.deepEqual(
        samples.map(({ labels, value }) => [labels['node_version'], value]),
        [[process.version, 1]],
      );
    }
  });
});
