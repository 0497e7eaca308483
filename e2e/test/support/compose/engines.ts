import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import {
  cacheFolder,
  Child,
  comesUp,
  freePort,
  locateMongod,
  locateValkey,
  systemEnvironment,
  type Watchdog,
} from '@parley/dev';
import { MongoClient } from 'mongodb';

import { ROOT } from '../docs/documents.ts';
import { script, type ComposeService } from './file.ts';

const run = promisify(execFile);
const START_MS = 30_000;
const STOP_MS = 10_000;

/** What the engines of one deployment share. */
export interface EngineSite {
  readonly folder: string;
  readonly secrets: string;
  readonly watchdog: Watchdog;
  readonly services: Readonly<Record<string, ComposeService>>;
}

/** What a container has and this machine has elsewhere: each text must be in the script. */
type Replacements = Readonly<Record<string, string>>;

/** The folder of commands that the containers have. */
export async function linkEngines({ folder }: EngineSite): Promise<void> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const context = { env: process.env, cache: cacheFolder(process.env), say: () => undefined };
  await symlink((await locateMongod(context)).path, join(bin, 'mongod'));
  await symlink((await locateValkey(context)).path, join(bin, 'valkey-server'));
}

/** Runs the script of a container as a process, and waits until it listens. */
export async function startScript(
  site: EngineSite,
  { name, port, replacements }: { name: string; port: number; replacements: Replacements },
): Promise<Child> {
  const { folder, secrets, services, watchdog } = site;
  let text = script(services[name]!).replaceAll('/run/secrets', secrets);
  for (const [from, to] of Object.entries(replacements)) {
    if (!text.includes(from)) throw new Error(`The script of ${name} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  const env = systemEnvironment(process.env);
  const child = await Child.start({
    command: 'bash',
    args: ['-ec', text],
    env: { ...env, PATH: `${join(folder, 'bin')}:${env['PATH'] ?? ''}` },
    logFile: join(folder, `${name}.log`),
    watchdog,
  });
  if (await comesUp(child, port, START_MS)) return child;
  if (child.running) await child.kill();
  throw new Error(`${name} did not start: ${await readFile(join(folder, `${name}.log`), 'utf8')}`);
}

/** Does what the image of MongoDB does before its first start: creates the first user, without access control. */
export async function createRoot({ folder, secrets, watchdog }: EngineSite): Promise<void> {
  const port = await freePort();
  await mkdir(join(folder, 'mongo'));
  const child = await Child.start({
    command: join(folder, 'bin', 'mongod'),
    args: [
      ...['--dbpath', join(folder, 'mongo'), '--port', String(port), '--bind_ip', '127.0.0.1'],
      ...['--nounixsocket', '--wiredTigerCacheSizeGB', '0.25'],
    ],
    env: systemEnvironment(process.env),
    logFile: join(folder, 'mongodb-init.log'),
    watchdog,
  });
  if (!(await comesUp(child, port, START_MS))) throw new Error('mongod did not start');
  const client = await MongoClient.connect(`mongodb://127.0.0.1:${port}/`);
  const password = await readFile(join(secrets, 'mongodb-root-password'), 'utf8');
  const root = { pwd: password.trim(), roles: ['root'] };
  await client.db('admin').command({ createUser: 'root', ...root });
  await client.close();
  await child.stop(STOP_MS);
}

/** Runs the script that a container gives to mongosh, with what it uses of mongosh. */
export async function runSetup({ secrets }: EngineSite, host: string): Promise<void> {
  const clients: MongoClient[] = [];
  const connect = async (uri: string) => {
    const client = await MongoClient.connect(uri);
    clients.push(client);
    const database = (name: string) => ({
      adminCommand: (command: object) => client.db('admin').command(command),
      runCommand: (command: object) => client.db(name).command(command),
      getSiblingDB: database,
    });
    return database('admin');
  };
  const env = { SECRETS_FOLDER: secrets, MONGODB_HOST: host };
  const shell = { connect, sleep, require: createRequire(import.meta.url), process: { env } };
  const text = await readFile(join(ROOT, 'deploy/docker/mongodb/setup.js'), 'utf8');
  try {
    await runInContext(`(async () => {${text}})()`, createContext(shell));
  } finally {
    for (const client of clients) await client.close();
  }
}

/** Creates the secrets with the script that operators run. */
export async function createSecrets(folder: string): Promise<void> {
  const path = join(ROOT, 'deploy/docker/create-secrets.js');
  await run(process.execPath, [path, '--folder', folder, '--self-signed', 'localhost']);
}
