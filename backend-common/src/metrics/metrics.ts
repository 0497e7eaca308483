import { createServer } from 'node:http';
import { Counter, Gauge, Registry, collectDefaultMetrics, type Metric } from 'prom-client';

import { listen } from '../http/listen.ts';
import { DurationHistogram, type DurationSeries } from './duration-histogram.ts';

export { Counter, Gauge } from 'prom-client';
export type { DurationHistogram, DurationSeries } from './duration-histogram.ts';

/**
 * Labels with the values that are known beforehand. Their series exist from the start, so that `increase()` sees the
 * first event. A label whose values are registered later has an empty list.
 */
export type Labels<Label extends string> = Readonly<Record<Label, readonly string[]>>;

/** Gauges of prom-client that have the ending of counters; `nodejs_active_resources` and others give the same by type. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** The metrics of one service. Each service has a registry of its own, so that several may share a process. */
export class Metrics {
  readonly registry = new Registry();

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
  }

  /** Adds the metrics of the process itself: memory, event loop, handles. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.registry });
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
  }

  /** Adds `parley_build_info`, which is 1 and says what runs. */
  describeBuild(version: string): void {
    this.gauge('parley_build_info', 'The running version of Parley and of Node; always 1', [
      'version',
      'node_version',
    ]).set({ version, node_version: process.version }, 1);
  }

  /** A counter, whose known series begin at 0. */
  counter<Label extends string = never>(name: string, help: string, labels?: Labels<Label>) {
    const counter = new Counter<Label>({
      ...{ name, help, labelNames: namesOf(labels) },
      registers: [this.registry],
    });
    for (const values of seriesOf(labels)) counter.inc(values, 0);
    return counter;
  }

  gauge<Label extends string = never>(name: string, help: string, labels: readonly Label[] = []) {
    return new Gauge<Label>({ name, help, labelNames: labels, registers: [this.registry] });
  }

  /** A gauge whose value is read at each scrape. */
  observed(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** A histogram of durations in seconds. */
  duration(name: string, help: string): DurationSeries;
  /** A histogram of durations in seconds by labels, whose known series begin at 0. */
  duration<Label extends string>(
    name: string,
    help: string,
    labels: Labels<Label>,
  ): DurationHistogram<Label>;
  duration<Label extends string>(
    name: string,
    help: string,
    labels?: Labels<Label>,
  ): DurationHistogram<Label> | DurationSeries {
    const histogram = new DurationHistogram<Label>({ name, help, labelNames: namesOf(labels) });
    // The registry calls only what the histogram has; the type lists the classes of prom-client.
    this.registry.registerMetric(histogram as unknown as Metric<Label>);
    if (labels === undefined) return histogram.with({});
    for (const values of seriesOf(labels)) histogram.with(values);
    return histogram;
  }
}

function namesOf<Label extends string>(labels: Labels<Label> | undefined): Label[] {
  return Object.keys(labels ?? {}) as Label[];
}

/** Every combination of the known values; none where a label has none. */
function seriesOf<Label extends string>(
  labels: Labels<Label> | undefined,
): Partial<Record<Label, string>>[] {
  return namesOf(labels).reduce<Partial<Record<Label, string>>[]>(
    (series, name) =>
      series.flatMap((values) =>
        (labels?.[name] ?? []).map((value) => ({ ...values, [name]: value })),
      ),
    labels === undefined ? [] : [{}],
  );
}

/** Serves `GET /metrics` on a separate port, so that it is not public by accident. */
export async function serveMetrics(
  metrics: Metrics,
  at: { host: string; port: number },
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    metrics.registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  const url = await listen(server, at);
  return {
    url: `${url}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
