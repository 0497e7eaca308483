import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAuth } from '@parley/auth';
import type { RunningService } from '@parley/backend-common';
import {
  objectStoreVariables,
  testMongo,
  testObjectStoreSettings,
  testRedisUrl,
} from '@parley/backend-common/testing';
import { startMessaging } from '@parley/messaging';
import { startWeb } from '@parley/web';

/** One metric as a service serves it. */
export interface ExportedMetric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** The labels and the value of each sample. A histogram has several samples for one series. */
  readonly samples: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

/** What auth, messaging and web serve at `/metrics` right after their start, with Redis, an object store and log files. */
export async function exportedMetrics(): Promise<ReadonlyMap<string, readonly ExportedMetric[]>> {
  const mongo = await testMongo('exported-metrics');
  const logs = await mkdtemp(join(tmpdir(), 'parley-metrics-'));
  const running: RunningService[] = [];
  const env = {
    PARLEY_LOG_DIR: logs,
    MONGODB_URI: mongo.uri,
    REDIS_URL: testRedisUrl(),
    PARLEY_SECRET: 'a secret of at least thirty-two bytes',
    ...objectStoreVariables(testObjectStoreSettings()),
  };
  const overrides = { processMetrics: true };
  try {
    const auth = await startAuth(env, overrides);
    running.push(auth);
    const messaging = await startMessaging(env, overrides);
    running.push(messaging);
    const urls = { PARLEY_AUTH_URL: auth.url, PARLEY_MESSAGING_URL: messaging.url };
    const web = await startWeb({ ...env, ...urls }, overrides);
    running.push(web);
    const served = Object.entries({ auth, messaging, web }).map(
      async ([name, { metricsUrl }]) =>
        [name, parseExposition(await (await fetch(metricsUrl)).text())] as const,
    );
    return new Map(await Promise.all(served));
  } finally {
    for (const service of running.reverse()) await service.close();
    await mongo.drop();
    await rm(logs, { recursive: true });
  }
}

/** The metrics of a text in Prometheus' format. */
function parseExposition(text: string): ExportedMetric[] {
  return text.split(/^(?=# HELP )/m).flatMap((block) => {
    const [, name = '', help = ''] = /^# HELP (\S+) (.*)$/m.exec(block) ?? [];
    if (name === '') return [];
    const [, type = ''] = /^# TYPE \S+ (\S+)$/m.exec(block) ?? [];
    const samples = [...block.matchAll(/^([a-z]\w*)(?:\{(.*)\})? (\S+)$/gm)].map(
      ([, sample = '', labels = '', value = '']) => ({
        name: sample,
        labels: Object.fromEntries(
          [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', given = '']) => [
            label,
            given,
          ]),
        ),
        value: Number(value),
      }),
    );
    return [{ name, type, help, samples }];
  });
}
