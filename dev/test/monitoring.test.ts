import assert from 'node:assert/strict';
import { parse } from 'yaml';

import { exportedMetrics } from './support/exported-metrics.ts';
import { usesOf } from './support/promql.ts';
import { files, read } from './support/repository.ts';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description?: string;
  readonly datasource: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly w: number };
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
}

const RULES = ['deploy/prometheus/recording-rules.yml', 'deploy/prometheus/alert-rules.yml'];
const DASHBOARDS = files('deploy/grafana/dashboards/*.json');

const rules = RULES.flatMap((path) =>
  (parse(read(path)) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules),
);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const dashboards = DASHBOARDS.map((path) => JSON.parse(read(path)) as Dashboard);
const panels = dashboards.flatMap((dashboard) => dashboard.panels);

/** What Prometheus adds by itself. */
const OF_PROMETHEUS = ['up', 'ALERTS'];
const LABELS_OF_PROMETHEUS = ['job', 'instance', 'alertname', 'alertstate'];

describe('the rules and dashboards', function () {
  this.timeout(60_000);
  /** The values of each label of each metric that some service exports. */
  const exported = new Map<string, Map<string, Set<string>>>();

  before(async () => {
    for (const metric of [...(await exportedMetrics()).values()].flat()) {
      const names =
        metric.type === 'histogram'
          ? ['_bucket', '_sum', '_count'].map((ending) => metric.name + ending)
          : [metric.name];
      for (const name of names) if (!exported.has(name)) exported.set(name, new Map());
      for (const sample of metric.samples) {
        const labels = exported.get(sample.name)!;
        for (const [label, value] of Object.entries(sample.labels)) {
          labels.set(label, (labels.get(label) ?? new Set()).add(value));
        }
      }
    }
    for (const { record } of rules) if (record !== undefined) exported.set(record, new Map());
    // Their series exist from the first call on.
    for (const ending of ['bucket', 'count']) {
      const labels = exported.get(`parley_operation_duration_seconds_${ending}`)!;
      for (const label of ['operation', 'service', 'le']) labels.set(label, new Set());
    }
  });

  const expressions = [
    ...rules.map(({ alert, expr, record }) => [alert ?? record ?? '', expr] as const),
    ...panels.flatMap(({ targets, title }) => targets.map(({ expr }) => [title, expr] as const)),
  ];

  it('name only metrics that a service exports or a rule records', () => {
    for (const [title, expr] of expressions) {
      const { selectors } = usesOf(expr);
      assert.ok(selectors.length > 0, `${title} reads no metric`);
      for (const { metric } of selectors) {
        const isKnown = OF_PROMETHEUS.includes(metric) || exported.has(metric);
        assert.ok(isKnown, `${title} reads ${metric}, which nothing exports`);
      }
    }
  });

  it('name only labels that their metrics have, with values that exist', () => {
    for (const [title, expr] of expressions) {
      const { groupings, selectors } = usesOf(expr);
      const known = new Set(LABELS_OF_PROMETHEUS);
      for (const { matchers, metric } of selectors) {
        const labels = exported.get(metric) ?? new Map<string, Set<string>>();
        for (const label of labels.keys()) known.add(label);
        for (const { label, values } of matchers) {
          if (LABELS_OF_PROMETHEUS.includes(label)) continue;
          const given = labels.get(label);
          assert.ok(given, `${title}: ${metric} has no label ${label}`);
          if (label === 'le') continue;
          for (const value of values) {
            assert.ok(given.has(value), `${title}: ${metric} has no ${label}="${value}"`);
          }
        }
      }
      // What a recorded series is grouped by is known from its own rule.
      if (selectors.some(({ metric }) => metric.startsWith('parley:'))) continue;
      for (const label of groupings) assert.ok(known.has(label), `${title} groups by ${label}`);
    }
  });

  it('name the labels of their series in the legends and the descriptions', () => {
    for (const { targets, title } of panels) {
      for (const { expr, legendFormat } of targets) {
        const { groupings, selectors } = usesOf(expr);
        const labels = selectors.flatMap(({ metric }) => [...(exported.get(metric)?.keys() ?? [])]);
        const usable = new Set([...groupings, ...LABELS_OF_PROMETHEUS, ...labels]);
        for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
          assert.ok(usable.has(label), `${title}: the legend has ${label}`);
        }
      }
    }
  });
});

describe('each alert', () => {
  const operations = read('docs/operations.md');

  it('has a severity, a summary and a description', () => {
    assert.ok(alerts.length > 10);
    for (const { alert = '', annotations = {}, labels = {} } of alerts) {
      assert.match(alert, /^Parley[A-Z]\w+$/);
      assert.ok(['page', 'ticket'].includes(labels['severity'] ?? ''), alert);
      assert.match(annotations['summary'] ?? '', /^[A-Z].*[^.]$/, alert);
      assert.match(annotations['description'] ?? '', /\.$/, alert);
    }
  });

  it('has a section in docs/operations.md that says what to do, and there is no other section', () => {
    const [, whatToDo = ''] = operations.split('\n### What to do\n');
    const sections = whatToDo.split('\n## ')[0]!.split('\n#### ').slice(1);
    assert.deepEqual(
      sections.map((section) => section.split('\n')[0]).toSorted(),
      alerts.map(({ alert }) => alert).toSorted(),
    );
    for (const section of sections) assert.match(section, /\n\n[A-Z][\s\S]{80,}/);
    for (const { alert = '', annotations = {} } of alerts) {
      const anchor = `docs/operations.md#${alert.toLowerCase()}`;
      assert.equal(annotations['runbook_url'], anchor);
    }
  });

  it('is tried by promtool', () => {
    const tried = files('deploy/prometheus/tests/*.yml').map(read).join('\n');
    for (const { alert = '' } of alerts) assert.ok(tried.includes(alert), alert);
  });
});

describe('each dashboard', () => {
  it('is there: delivery, capacity and people', () => {
    assert.deepEqual(dashboards.map(({ uid }) => uid).toSorted(), [
      'parley-capacity',
      'parley-delivery',
      'parley-people',
    ]);
  });

  it('has panels with a description, an own id and a place, from the provisioned data source', () => {
    const { datasources } = parse(
      read('deploy/grafana/provisioning/datasources/prometheus.yml'),
    ) as { datasources: { uid: string }[] };
    for (const { panels: own, uid } of dashboards) {
      assert.equal(new Set(own.map(({ id }) => id)).size, own.length, uid);
      for (const { datasource, description, gridPos, title } of own) {
        assert.match(description ?? '', /\S/, title);
        assert.equal(datasource.uid, datasources[0]?.uid, title);
        assert.ok(gridPos.x + gridPos.w <= 24, title);
      }
    }
  });

  it('and each rule is mounted where Grafana and Prometheus of docker-compose.yml look for it', () => {
    const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
      services: Record<string, { volumes?: string[] }>;
    };
    const { rule_files: ruleFiles } = parse(read('deploy/prometheus/prometheus.yml')) as {
      rule_files: string[];
    };
    assert.deepEqual(
      ruleFiles.map((name) => `deploy/prometheus/${name}`).toSorted(),
      RULES.toSorted(),
    );
    for (const name of ruleFiles) {
      const mount = `./deploy/prometheus/${name}:/etc/prometheus/${name}:ro`;
      assert.ok(services['prometheus']!.volumes!.includes(mount), mount);
    }
    const { providers } = parse(read('deploy/grafana/provisioning/dashboards/parley.yml')) as {
      providers: { options: { path: string } }[];
    };
    const mount = `./deploy/grafana/dashboards:${providers[0]!.options.path}:ro`;
    assert.ok(services['grafana']!.volumes!.includes(mount));
  });
});
