import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@parley/dev';

import { ROOT } from '../docs/documents.ts';

/**
 * All durations of the rules are divided by this: `for: 2m` becomes 2 s, and a rate over an hour one over a minute.
 * Thresholds stay as they are.
 */
const FASTER = 60;
const INTERVAL_MS = 1_000;
const START_MS = 30_000;
const RULES = ['recording-rules.yml', 'alert-rules.yml'];
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** Debian's Prometheus with the shipped rules, sped up. */
export class Prometheus {
  readonly #url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.#url = url;
    this.#child = child;
  }

  /** Scrapes these metrics ports every second. Files are put into `folder`. */
  static async start(folder: string, metricsUrls: readonly string[]): Promise<Prometheus> {
    await mkdir(folder, { recursive: true });
    for (const name of RULES) {
      const rules = await readFile(join(ROOT, 'deploy/prometheus', name), 'utf8');
      await writeFile(join(folder, name), speedUp(rules));
    }
    const config = {
      global: {
        scrape_interval: `${INTERVAL_MS}ms`,
        evaluation_interval: `${INTERVAL_MS}ms`,
      },
      rule_files: RULES,
      scrape_configs: [
        {
          job_name: 'parley',
          static_configs: [{ targets: metricsUrls.map((url) => new URL(url).host) }],
        },
      ],
    };
    // JSON is YAML.
    await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
    const address = `127.0.0.1:${await freePort()}`;
    const args = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'tsdb')}`,
      `--web.listen-address=${address}`,
      '--log.level=error',
    ];
    const child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const prometheus = new Prometheus(`http://${address}`, child);
    await prometheus.#ready();
    return prometheus;
  }

  /** The names of the alerts that fire. */
  async firing(): Promise<ReadonlySet<string>> {
    const answer = await fetch(`${this.#url}/api/v1/alerts`);
    const { data } = (await answer.json()) as {
      data: { alerts: { state: string; labels: { alertname: string } }[] };
    };
    const firing = data.alerts.filter(({ state }) => state === 'firing');
    return new Set(firing.map(({ labels }) => labels.alertname));
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  async #ready(): Promise<void> {
    const deadline = performance.now() + START_MS;
    for (;;) {
      const answer = await fetch(`${this.#url}/-/ready`).catch(() => undefined);
      if (answer?.ok === true) return;
      if (this.#child.exitCode !== null || performance.now() > deadline) {
        await this.close();
        throw new Error('Prometheus did not start');
      }
      await delay(50);
    }
  }
}

/** The names of all shipped alerts. */
export async function shippedAlerts(): Promise<string[]> {
  const rules = await readFile(join(ROOT, 'deploy/prometheus/alert-rules.yml'), 'utf8');
  return [...rules.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name = '']) => name);
}

/** What `promtool check metrics` says of an exposition; empty if it has nothing to say. */
export async function checkMetrics(exposition: string): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile('promtool', ['check', 'metrics'], (error, stdout, stderr) =>
      resolve(stdout + stderr || (error?.message ?? '')),
    );
    child.stdin?.end(exposition);
  });
}

function speedUp(rules: string): string {
  const shorter = (amount: string, unit: string) =>
    `${(Number(amount) * (UNITS[unit] ?? 0)) / FASTER}ms`;
  return rules
    .replaceAll(
      /\[(\d+)([smh])\]/g,
      (_, amount: string, unit: string) => `[${shorter(amount, unit)}]`,
    )
    .replaceAll(/(?<=^ +for: )\d+[smh]$/gm, (duration) =>
      shorter(duration.slice(0, -1), duration.slice(-1)),
    );
}
