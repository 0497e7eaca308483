import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import {
  cacheFolder,
  Child,
  comesUp,
  freePort,
  locateMongod,
  startMongod,
  systemEnvironment,
  Watchdog,
} from '@parley/dev';
import { MongoClient, type Document } from 'mongodb';

import { snippetsOf } from '../support/docs/documents.ts';
import { PlainClient, call, register, type Account } from '../support/plain-client.ts';
import { poll } from '../support/poll.ts';
import { ServiceProcesses } from '../support/service-processes.ts';

const PARLEY_SECRET = randomBytes(32).toString('hex');
const STOP_MS = 20_000;

/** Somebody who sends one message after the other and records which were acknowledged. */
class Writer {
  /** `seq` of each message that was acknowledged, by its key. */
  readonly stored = new Map<string, number>();
  readonly #client: PlainClient;
  readonly #over = new AbortController();
  #writing = Promise.resolve();

  constructor(client: PlainClient) {
    this.#client = client;
  }

  begin(conversationId: string, name: string): void {
    this.#writing = (async () => {
      for (let index = 0; !this.#over.signal.aborted; index += 1) {
        const clientId = `${name}-${index}`;
        const input = { conversationId, clientId, text: clientId };
        const entry = await this.#client.request('message:send', input);
        this.stored.set(clientId, entry.seq as number);
      }
    })();
  }

  async end(): Promise<void> {
    this.#over.abort();
    await this.#writing;
    this.#client.close();
  }
}

describe('a backup that is made under load', () => {
  const closing: (() => unknown)[] = [];
  after(async () => {
    for (const close of closing.toReversed()) await close();
  });

  async function installation(MONGODB_URI: string): Promise<string> {
    const services = await ServiceProcesses.open({ MONGODB_URI, PARLEY_SECRET });
    closing.push(() => services.close());
    const { url: authUrl } = await services.start({ name: 'auth', kind: 'auth' });
    const node = await services.start({ name: 'messaging', kind: 'messaging' });
    const env = { PARLEY_AUTH_URL: authUrl, PARLEY_MESSAGING_URL: node.url };
    return (await services.start({ name: 'web', kind: 'web', env })).url;
  }

  it('has everything that was acknowledged before, and serves it elsewhere', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-backup-'));
    const watchdog = new Watchdog(process.env);
    closing.push(
      () => rm(folder, { recursive: true, force: true }),
      () => watchdog.close(),
    );
    const site = { env: process.env, say: () => undefined };
    const { path } = await locateMongod({ ...site, cache: cacheFolder(process.env) });
    const [data, copy] = [join(folder, 'data'), join(folder, 'copy')];
    const mongod = await startMongod({
      ...{ ...site, path, watchdog, dbPath: data, cacheGb: 0.25 },
      logFile: join(folder, 'mongod.log'),
    });
    closing.push(() => mongod.child.stop(STOP_MS));
    const origin = await installation(databaseOf(mongod.url));
    const people = [await register(origin, 'Ann'), await register(origin, 'Ben')] as const;
    const { conversationId, writers } = await beginWriting(origin, people);
    await poll(() => writers.every(({ stored }) => stored.size >= 20) || undefined);

    const acknowledged = await copied(mongod.url, {
      copy: () =>
        cp(data, copy, { recursive: true, filter: (file) => !file.endsWith('mongod.lock') }),
      before: () => new Map(writers.flatMap(({ stored }) => [...stored])),
    });
    await poll(() => writers.every(({ stored }) => stored.size >= 40) || undefined);
    for (const writer of writers) await writer.end();

    const port = await freePort();
    const restored = await Child.start({
      command: path,
      args: [
        ...['--dbpath', copy, '--port', String(port), '--bind_ip', '127.0.0.1', '--quiet'],
        ...['--replSet', new URL(mongod.url).searchParams.get('replicaSet')!, '--nounixsocket'],
        ...['--wiredTigerCacheSizeGB', '0.25'],
      ],
      env: systemEnvironment(process.env),
      logFile: join(folder, 'restored.log'),
      watchdog,
    });
    closing.push(() => restored.stop(STOP_MS));
    assert.ok(await comesUp(restored, port, 60_000));
    await reconfigured(port);
    const elsewhere = new URL(databaseOf(mongod.url));
    elsewhere.port = String(port);
    const restoredOrigin = await installation(elsewhere.href);

    const served = await messagesOf(restoredOrigin, people[1], conversationId);
    assert.ok(acknowledged.size >= 40);
    for (const [clientId, seq] of acknowledged) assert.equal(served.get(clientId), seq, clientId);
    assert.deepEqual(
      [...served.values()].sort((one, other) => one - other),
      Array.from({ length: served.size }, (_, index) => index + 2),
      'the numbers of the restored messages have no gap',
    );
    const body = { clientId: 'after', text: 'after' };
    const sending = { method: 'POST', path: `/conversations/${conversationId}/messages` };
    const { token } = people[0];
    const next = await call(restoredOrigin, { ...sending, token, body });
    assert.equal(next.body['seq'], served.size + 2);
  }).timeout(300_000);
});

async function beginWriting(origin: string, people: readonly [Account, Account]) {
  const clients: PlainClient[] = [];
  for (const { token } of people) {
    const client = new PlainClient(origin, token);
    await client.synced();
    clients.push(client);
  }
  const { id } = await clients[0]!.request('conversation:create', {
    ...{ kind: 'group', title: 'Backup', userIds: [people[1].userId] },
  });
  const writers = clients.map((client) => new Writer(client));
  for (const [index, writer] of writers.entries()) writer.begin(String(id), `w${index}`);
  return { conversationId: String(id), writers };
}

/** Locks a member against writes, copies its files and unlocks it. Returns what was acknowledged before. */
async function copied<Result>(
  url: string,
  { before, copy }: { before: () => Result; copy: () => Promise<unknown> },
): Promise<Result> {
  const client = await MongoClient.connect(url);
  try {
    const acknowledged = before();
    await client.db('admin').command({ fsync: 1, lock: true });
    await copy();
    await client.db('admin').command({ fsyncUnlock: 1 });
    return acknowledged;
  } finally {
    await client.close();
  }
}

/** What docs/operations.md says to type on the restored member. */
async function reconfigured(port: number): Promise<void> {
  const client = await MongoClient.connect(`mongodb://127.0.0.1:${port}/?directConnection=true`);
  try {
    const admin = client.db('admin');
    const typed = snippetsOf('docs/operations.md').find(({ text }) => /replSetReconfig/.test(text));
    const db = { adminCommand: (command: Document) => admin.command(command) };
    // mongosh waits for the answer of each command by itself.
    const script = typed!.text
      .replace('mongo-1.example.org:27017', `127.0.0.1:${port}`)
      .replaceAll(/db\.adminCommand\((.*?)\)(?=\.|$)/gm, '(await db.adminCommand($1))');
    await (runInNewContext(`(async () => { let cfg; ${script} })()`, { db }) as Promise<void>);
    await poll(async () => {
      const { isWritablePrimary } = await admin.command({ hello: 1 });
      return isWritablePrimary === true || undefined;
    });
  } finally {
    await client.close();
  }
}

/** `seq` of each message of a conversation, by its key. */
async function messagesOf(
  origin: string,
  { token }: Account,
  conversationId: string,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (let after = 0; ;) {
    const path = `/conversations/${conversationId}/entries?after=${after}`;
    const { body, status } = await call(origin, { path, token });
    assert.equal(status, 200, JSON.stringify(body));
    const entries = body['entries'] as { kind: string; seq: number; clientId: string }[];
    const last = entries.at(-1);
    if (last === undefined) return found;
    for (const { clientId, kind, seq } of entries) if (kind === 'message') found.set(clientId, seq);
    after = last.seq;
  }
}

function databaseOf(url: string): string {
  const named = new URL(url);
  named.pathname = '/parley';
  return named.href;
}
