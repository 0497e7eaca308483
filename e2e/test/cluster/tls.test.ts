import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { testRedisUrl } from '@parley/backend-common/testing';
import { cacheFolder, locateMongod, startMongod, systemEnvironment, Watchdog } from '@parley/dev';
import { MongoClient } from 'mongodb';

import { ROOT } from '../support/docs/documents.ts';
import { PlainClient, register } from '../support/plain-client.ts';
import { ServiceProcesses } from '../support/service-processes.ts';
import { createCertificates, tlsInFrontOf, type Certificates } from '../support/tls.ts';

const PARLEY_SECRET = randomBytes(32).toString('hex');

interface Finding {
  readonly check: string;
  readonly status: string;
  readonly message: string;
  readonly mend?: string;
}

describe('TLS to MongoDB and Redis', () => {
  const closing: (() => unknown)[] = [];
  let ours: Certificates;
  let others: Certificates;
  let uris: { MONGODB_URI: string; REDIS_URL: string };

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-tls-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    ours = await createCertificates(folder, 'ours');
    others = await createCertificates(folder, 'others');
    const watchdog = new Watchdog(process.env);
    closing.push(() => watchdog.close());
    const site = { env: process.env, say: () => undefined };
    const { path } = await locateMongod({ ...site, cache: cacheFolder(process.env) });
    const mongod = await startMongod({
      ...{ ...site, path, watchdog, dbPath: join(folder, 'mongo'), cacheGb: 0.25 },
      logFile: join(folder, 'mongod.log'),
      args: [
        // The set is brought up without TLS, and afterwards nothing else is accepted.
        ...['--tlsMode', 'preferTLS', '--tlsCertificateKeyFile', ours.both, '--tlsCAFile', ours.ca],
        '--tlsAllowConnectionsWithoutCertificates',
      ],
    });
    closing.push(() => mongod.child.stop(20_000));
    await requireTls(mongod.url);
    const plain = new URL(testRedisUrl());
    const redis = await tlsInFrontOf(Number(plain.port), ours);
    closing.push(() => redis.close());
    const mongo = new URL(mongod.url);
    mongo.searchParams.set('tls', 'true');
    plain.protocol = 'rediss:';
    plain.port = String(redis.port);
    uris = { MONGODB_URI: mongo.href, REDIS_URL: plain.href };
  });

  after(async () => {
    for (const close of closing.toReversed()) await close();
  });

  async function doctor(env: Record<string, string>): Promise<ReadonlyMap<string, Finding>> {
    const args = ['--import', 'tsx', '--conditions=source', 'doctor/src/main.ts', '--json'];
    const given = { ...systemEnvironment(process.env), PARLEY_SECRET, ...uris, ...env };
    const child = spawn(process.execPath, args, { cwd: ROOT, env: given, stdio: 'pipe' });
    const { findings } = JSON.parse(await text(child.stdout)) as { findings: Finding[] };
    return new Map(findings.map((finding) => [finding.check, finding]));
  }

  it('works with the CA in NODE_EXTRA_CA_CERTS', async () => {
    const services = await ServiceProcesses.open({
      ...{ ...uris, PARLEY_SECRET, NODE_EXTRA_CA_CERTS: ours.ca },
    });
    const clients: PlainClient[] = [];
    try {
      const auth = await services.start({ name: 'auth', kind: 'auth' });
      const nodes = [];
      for (const name of ['messaging-1', 'messaging-2']) {
        nodes.push(await services.start({ name, kind: 'messaging' }));
      }
      const env = { PARLEY_AUTH_URL: auth.url, PARLEY_MESSAGING_URL: nodes[0]!.url };
      const { url: origin } = await services.start({ name: 'web', kind: 'web', env });
      const [ann, ben] = [await register(origin, 'Ann'), await register(origin, 'Ben')];
      for (const [index, { token }] of [ann, ben].entries()) {
        clients.push(new PlainClient(nodes[index]!.url, token));
        await clients[index]!.synced();
      }
      const [a, b] = clients as [PlainClient, PlainClient];
      const created = await a.request('conversation:create', {
        ...{ kind: 'direct', userId: ben.userId },
      });
      const conversationId = String(created.id);
      await a.request('message:send', { conversationId, clientId: '1', text: 'Over TLS' });
      await b.until(() => b.of(conversationId).some((entry) => entry.text === 'Over TLS'));
      const ready = await fetch(`${nodes[1]!.url}/readyz`, { signal: AbortSignal.timeout(10_000) });
      assert.equal(((await ready.json()) as { redis: string }).redis, 'up');
    } finally {
      for (const client of clients) client.close();
      await services.close();
    }
  }).timeout(120_000);

  it('is found to work by the doctor', async () => {
    const found = await doctor({ NODE_EXTRA_CA_CERTS: ours.ca });
    assert.equal(found.get('redis')?.status, 'ok', JSON.stringify(found.get('redis')));
    assert.match(
      found.get('mongodb')!.message,
      /^MongoDB [\d.]+; the replica set .* has 1 members/,
    );
  }).timeout(120_000);

  it('is refused with another CA, and the doctor says how to mend it', async () => {
    const found = await doctor({ NODE_EXTRA_CA_CERTS: others.ca });
    for (const [check, server] of [
      ['mongodb', 'MongoDB'],
      ['redis', 'Redis'],
    ] as const) {
      const { mend, message, status } = found.get(check)!;
      assert.equal(status, 'failure', message);
      assert.match(
        message,
        new RegExp(`^The certificate of ${server} is not trusted: .*certificate`),
      );
      assert.match(mend!, /NODE_EXTRA_CA_CERTS/);
    }
  }).timeout(120_000);
});

async function requireTls(url: string): Promise<void> {
  const client = await MongoClient.connect(url);
  try {
    await client.db('admin').command({ setParameter: 1, tlsMode: 'requireTLS' });
  } finally {
    await client.close();
  }
}
