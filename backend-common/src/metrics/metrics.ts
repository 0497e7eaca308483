import { createServer } from 'node:http';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

import { listen } from '../http/listen.ts';

export { Counter, Gauge, Histogram } from 'prom-client';

/** Bucket bounds of every duration, in seconds. */
export const DURATION_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
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
  }

  counter<Label extends string = never>(name: string, help: string, labels: readonly Label[] = []) {
    return new Counter<Label>({ name, help, labelNames: labels, registers: [this.registry] });
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
  duration<Label extends string = never>(
    name: string,
    help: string,
    labels: readonly Label[] = [],
  ) {
    return new Histogram<Label>({
      name,
      help,
      labelNames: labels,
      buckets: DURATION_BUCKETS,
      registers: [this.registry],
    });
  }
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
