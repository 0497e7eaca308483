import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  freePort,
  ownProcessPlan,
  systemEnvironment,
  Watchdog,
  type RunningPart,
} from '@parley/dev';

import { ROOT } from '../docs/documents.ts';
import { Nginx, originOf } from '../nginx.ts';
import {
  createRoot,
  createSecrets,
  linkEngines,
  runSetup,
  startScript,
  type EngineSite,
} from './engines.ts';
import { composeServices, Places } from './file.ts';

const run = promisify(execFile);
const STOP_MS = 15_000;
const NODES = ['messaging-1', 'messaging-2', 'messaging-3'];
/** The ports of nginx in its container. */
const NGINX_PORTS = ['8443', '8444', '8080'];

type Kind = 'auth' | 'messaging' | 'web';

/** The services of docker-compose.yml as processes of this machine, in the order in which Compose starts them. */
export class Deployment {
  readonly nginx: Nginx;
  /** Parley's own processes by name. */
  readonly parts: ReadonlyMap<string, RunningPart>;
  readonly #close: () => Promise<void>;

  private constructor(
    nginx: Nginx,
    parts: ReadonlyMap<string, RunningPart>,
    close: () => Promise<void>,
  ) {
    this.nginx = nginx;
    this.parts = parts;
    this.#close = close;
  }

  static async start(): Promise<Deployment> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-compose-'));
    const watchdog = new Watchdog(process.env);
    const closing: (() => unknown)[] = [
      () => watchdog.close(),
      () => rm(folder, { recursive: true, force: true }),
    ];
    const close = async () => {
      for (const step of closing.splice(0).toReversed()) await step();
    };
    try {
      const builder = new Builder({ folder, watchdog, closing });
      await builder.prepare();
      await builder.startEngines();
      const parts = await builder.startServices();
      return new Deployment(await builder.startNginx(), parts, close);
    } catch (error) {
      await close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#close();
  }
}

interface BuilderOptions {
  readonly folder: string;
  readonly watchdog: Watchdog;
  readonly closing: (() => unknown)[];
}

class Builder {
  readonly #site: EngineSite;
  readonly #closing: (() => unknown)[];
  /** Where that is which has an address or a path in the containers. */
  readonly #places: Record<string, string>;
  /** They keep the ports of nginx from others until it starts. */
  readonly #reserved = new Map<string, Server>();
  readonly #parts = new Map<string, RunningPart>();

  constructor({ closing, folder, watchdog }: BuilderOptions) {
    const secrets = join(folder, 'secrets');
    this.#site = { folder, secrets, watchdog, services: composeServices() };
    this.#closing = closing;
    this.#places = {
      '/run/secrets': secrets,
      '/app/client-web/dist': join(folder, 'web'),
      '/app/web/dist/docs': join(folder, 'web'),
      '172.30.14.10,172.30.14.31': '127.0.0.1',
      '172.30.14.10': '127.0.0.1',
      '0.0.0.0': '127.0.0.1',
    };
  }

  /** Reserves ports, creates the secrets and what stands for the web app of the image. */
  async prepare(): Promise<void> {
    const { folder, secrets } = this.#site;
    for (const name of NGINX_PORTS) this.#reserved.set(name, await listener());
    this.#closing.push(() => this.#release());
    await createSecrets(secrets);
    await mkdir(join(folder, 'web'));
    await writeFile(join(folder, 'web', 'index.html'), '<!doctype html><title>Parley</title>');
  }

  async startEngines(): Promise<void> {
    const site = this.#site;
    await linkEngines(site);
    await createRoot(site);
    const mongodb = await this.#place('mongodb:27017');
    await this.#script('mongodb', mongodb, {
      '/tmp/mongodb-key': join(site.folder, 'mongodb-key'),
      'docker-entrypoint.sh mongod': `mongod --dbpath ${join(site.folder, 'mongo')} --port ${mongodb}`,
      '--bind_ip_all': '--bind_ip 127.0.0.1',
      'CacheSizeGB 1': 'CacheSizeGB 0.25',
    });
    await runSetup(site, `127.0.0.1:${mongodb}`);
    const redis = await this.#place('redis:6379');
    await this.#script('redis', redis, {
      'valkey-server -': `valkey-server - --port ${redis} --bind 127.0.0.1 --dir ${site.folder}`,
    });
    await mkdir(join(site.folder, 'files'));
    const store = await this.#place('store:7070');
    await this.#script('store', store, {
      ':7070': `127.0.0.1:${store}`,
      ' /files': ` ${join(site.folder, 'files')}`,
    });
    for (const name of ['mongodb-uri', 'redis-url']) await this.#rewriteSecret(name);
    await this.#setUpBucket();
  }

  async startServices(): Promise<ReadonlyMap<string, RunningPart>> {
    await this.#startService('auth');
    await Promise.all(NODES.map((name) => this.#startService(name)));
    await this.#startService('web');
    return this.#parts;
  }

  async startNginx(): Promise<Nginx> {
    const { secrets } = this.#site;
    // nginx gets a folder of its own, because closing it removes the folder.
    const folder = await mkdtemp(join(tmpdir(), 'parley-nginx-'));
    const shipped = await readFile(join(ROOT, 'deploy/docker/nginx/nginx.conf'), 'utf8');
    const local = shipped
      .replace('pid /tmp/nginx.pid;', '')
      .replaceAll('/tmp/', `${folder}/`)
      .replace('/dev/stderr', `${folder}/error.log`)
      .replace('/dev/stdout', `${folder}/access.log`)
      .replaceAll(/listen (\d+)/g, (_, port: string) => `listen 127.0.0.1:${this.#port(port)}`);
    const config = new Places(this.#places).in(local);
    const port = this.#port('8443');
    const ca = await readFile(join(secrets, 'fullchain.pem'), 'utf8');
    await this.#release();
    const nginx = await Nginx.run({ folder, config, ca, port });
    this.#closing.push(() => nginx.close());
    return nginx;
  }

  async #script(name: string, port: number, replacements: Readonly<Record<string, string>>) {
    const child = await startScript(this.#site, { name, port, replacements });
    this.#closing.push(() => child.stop(STOP_MS));
  }

  async #startService(name: string): Promise<void> {
    const { folder, services, watchdog } = this.#site;
    const kind = services[name]!.command[0] as Kind;
    const env = {
      ...systemEnvironment(process.env),
      ...this.#environment(name),
      PORT: '0',
      METRICS_PORT: '0',
      PARLEY_LOG_LEVEL: 'warn',
    };
    const part = await ownProcessPlan({ name, kind, env }, { logs: folder, watchdog }).start();
    this.#closing.push(() => part.stop());
    this.#parts.set(name, part);
    this.#places[`${name}:8080`] = new URL(part.url).host;
  }

  async #setUpBucket(): Promise<void> {
    const env = { ...systemEnvironment(process.env), ...this.#environment('bucket-setup') };
    const args = ['--import', 'tsx', '--conditions=source', 'messaging/src/bucket-setup.ts'];
    await run(process.execPath, args, { cwd: ROOT, env });
  }

  #environment(name: string): Record<string, string> {
    return new Places(this.#places).environment(this.#site.services[name]!, {
      PARLEY_PUBLIC_ORIGIN: originOf(this.#port('8443')),
      S3_PUBLIC_ENDPOINT: originOf(this.#port('8444')),
    });
  }

  /** The secrets that name a container name its place here. */
  async #rewriteSecret(name: string): Promise<void> {
    const path = join(this.#site.secrets, name);
    const text = new Places(this.#places).in(await readFile(path, 'utf8'));
    await rm(path);
    await writeFile(path, text);
  }

  /** Chooses the port of an engine, which starts at once. */
  async #place(address: string): Promise<number> {
    const port = await freePort();
    this.#places[address] = `127.0.0.1:${port}`;
    return port;
  }

  #port(name: string): number {
    return (this.#reserved.get(name)!.address() as AddressInfo).port;
  }

  async #release(): Promise<void> {
    for (const server of this.#reserved.values()) {
      if (!server.listening) continue;
      server.close();
      await once(server, 'close');
    }
  }
}

async function listener(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
