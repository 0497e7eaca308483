import { SECOND } from '@parley/common';

/** Bucket bounds of every duration, in seconds. */
export const DURATION_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const;

type LabelValues<Label extends string> = Partial<Record<Label, string | number>>;

/** A line of a scrape, as the registry of prom-client takes it. */
interface Value {
  readonly metricName: string;
  readonly labels: { readonly le?: number | '+Inf' };
  /** Labels of the whole series. */
  readonly sharedLabels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** What the registry of prom-client needs of a metric. */
interface Snapshot {
  readonly name: string;
  readonly help: string;
  readonly type: 'histogram';
  readonly aggregator: 'sum';
  readonly values: readonly Value[];
}

interface Description<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
}

/** The durations with one combination of label values. */
export class DurationSeries {
  readonly labels: Readonly<Record<string, string | number>>;
  /** For each bound the durations up to it that are above the bound before, and at the end those above all bounds. */
  readonly #counts = new Float64Array(DURATION_BUCKETS.length + 1);
  #sum = 0;

  constructor(labels: Readonly<Record<string, string | number>>) {
    this.labels = labels;
  }

  /** Records a duration in seconds. @throws TypeError if it is not a finite number */
  observe(seconds: number): void {
    if (!Number.isFinite(seconds)) throw new TypeError(`${seconds} is not a duration`);
    let bucket = 0;
    while (seconds > (DURATION_BUCKETS[bucket] ?? Infinity)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += seconds;
  }

  /** Begins to measure; the returned function ends it. */
  startTimer(): () => void {
    const startedAt = performance.now();
    return () => this.observe((performance.now() - startedAt) / SECOND);
  }

  /** The lines of this series in the exposition format of Prometheus, in which each bucket includes the ones below it. */
  values(name: string): Value[] {
    const { labels: sharedLabels } = this;
    let count = 0;
    const buckets = [...DURATION_BUCKETS, '+Inf' as const].map((le, index): Value => {
      count += this.#counts[index] ?? 0;
      return { metricName: `${name}_bucket`, labels: { le }, sharedLabels, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: {}, sharedLabels, value: this.#sum },
      { metricName: `${name}_count`, labels: {}, sharedLabels, value: count },
    ];
  }
}

/**
 * A histogram of durations for the registry of prom-client. The histogram of prom-client makes several objects for each
 * observation and finds its bucket by a text; with a few observations for each message that is a twentieth of the CPU time
 * of a node under load.
 */
export class DurationHistogram<Label extends string = never> {
  readonly name: string;
  readonly #description: Description<Label>;
  readonly #series = new Map<string, DurationSeries>();

  constructor(description: Description<Label>) {
    this.name = description.name;
    this.#description = description;
  }

  /** The series with these label values. It exists from now on. Keep it where durations are recorded often. */
  with(labels: LabelValues<Label>): DurationSeries {
    const key = this.#description.labelNames.map((name) => labels[name] ?? '').join('\u0000');
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const created = new DurationSeries({ ...labels } as Record<string, string | number>);
    this.#series.set(key, created);
    return created;
  }

  /** Called by the registry at each scrape. */
  getForPromString(): Promise<Snapshot> {
    const { help, name } = this.#description;
    const values = [...this.#series.values()].flatMap((series) => series.values(name));
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values });
  }

  /** The same with all labels in one object, for who reads it as JSON. */
  async get(): Promise<Snapshot> {
    const snapshot = await this.getForPromString();
    const values = snapshot.values.map(({ labels, sharedLabels, ...value }) => ({
      ...value,
      labels: { ...labels, ...sharedLabels },
      sharedLabels: {},
    }));
    return { ...snapshot, values };
  }

  /** Called by the registry when all metrics are set back. */
  reset(): void {
    this.#series.clear();
  }
}
