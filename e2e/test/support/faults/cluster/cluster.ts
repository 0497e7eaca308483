import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, locateMongod, locateValkey, startValkey, Watchdog } from '@parley/dev';

import type { Random } from '../random.ts';
import { waitUntil } from '../time.ts';
import { MessagingNode } from './messaging-node.ts';
import { MongoSet } from './mongo-set.ts';
import { Part } from './part.ts';
import { servicePlan, type SharedSettings } from './service-plans.ts';

const NODES = 3;
const READY_MS = 60_000;
const VALKEY_STOP_MS = 5_000;

/** Three messaging nodes and what they need. Each part is a process, and tests can break the connections between them. */
export class Cluster {
  readonly folder: string;
  readonly #watchdog: Watchdog;
  readonly #closing: (() => Promise<unknown>)[] = [];
  #parts: Parts | undefined;

  private constructor(folder: string) {
    this.folder = folder;
    this.#watchdog = new Watchdog(process.env);
    this.#watchdog.watchFolder(folder);
  }

  static async start(random: Random): Promise<Cluster> {
    const cluster = new Cluster(await mkdtemp(join(tmpdir(), 'parley-faults-')));
    try {
      await cluster.#start(random);
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  get mongo(): MongoSet {
    return this.#started.mongo;
  }

  get redis(): Part {
    return this.#started.redis;
  }

  get auth(): Part {
    return this.#started.auth;
  }

  get nodes(): readonly MessagingNode[] {
    return this.#started.nodes;
  }

  /** The URL of web, which clients connect to. */
  get origin(): string {
    return this.#started.web.url;
  }

  /** Repairs all links, starts what does not run, and waits until every part is ready. */
  async heal(): Promise<void> {
    const { auth, mongo, nodes, redis, web } = this.#started;
    for (const node of nodes) node.heal();
    for (const part of [auth, redis, web]) part.resume();
    await Promise.all([mongo.healthy(), redis.start()]);
    await Promise.all([auth, web, ...nodes.map(({ part }) => part)].map((part) => part.start()));
    for (const part of [...nodes.map((node) => node.part), web]) await this.#waitUntilReady(part);
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
    await rm(this.folder, { recursive: true, force: true });
    this.#watchdog.unwatchFolder(this.folder);
    this.#watchdog.close();
  }

  get #started(): Parts {
    if (this.#parts === undefined) throw new Error('The cluster is not started');
    return this.#parts;
  }

  async #start(random: Random): Promise<void> {
    const { folder } = this;
    const watchdog = this.#watchdog;
    const say = (line: string) => console.error(line);
    const context = { env: process.env, cache: cacheFolder(process.env), say };
    const [mongod, valkey] = await Promise.all([locateMongod(context), locateValkey(context)]);
    const mongo = await MongoSet.start({ folder, watchdog, mongod: mongod.path });
    this.#closing.push(() => mongo.close());
    const redis = this.#own(valkeyPart(valkey.path, { folder, watchdog }));
    await redis.start();
    const shared = { logs: folder, watchdog, secret: randomBytes(32).toString('hex') };
    const redisPort = Number(new URL(redis.url).port);
    const auth = this.#own(authPart(shared, mongo.uri, redis.url));
    await auth.start();
    const nodes = await this.#startNodes(shared, { mongo, redisPort, authUrl: auth.url, random });
    const web = this.#own(webPart(shared, mongo.uri, { authUrl: auth.url, nodes }));
    await web.start();
    this.#parts = { auth, mongo, nodes, redis, web };
    await this.heal();
  }

  async #startNodes(
    shared: SharedSettings,
    of: { mongo: MongoSet; redisPort: number; authUrl: string; random: Random },
  ): Promise<MessagingNode[]> {
    const nodes: MessagingNode[] = [];
    // One after the other: the first one prepares the database, and three at the same time would not start faster.
    for (let index = 1; index <= NODES; index += 1) {
      const name = `messaging-${index}`;
      const node = await MessagingNode.start({ shared, name, ...of, random: of.random.next });
      this.#closing.push(() => node.close());
      nodes.push(node);
    }
    return nodes;
  }

  /** Ends the part when the cluster is closed. */
  #own(part: Part): Part {
    this.#closing.push(() => part.kill());
    return part;
  }

  async #waitUntilReady({ name, url }: Part): Promise<void> {
    const isReady = async () => {
      const signal = AbortSignal.timeout(2_000);
      return fetch(`${url}/readyz`, { signal }).then(
        ({ ok }) => ok,
        () => false,
      );
    };
    if (!(await waitUntil(isReady, READY_MS))) throw new Error(`${name} did not become ready`);
  }
}

interface Parts {
  readonly mongo: MongoSet;
  readonly redis: Part;
  readonly auth: Part;
  readonly nodes: readonly MessagingNode[];
  readonly web: Part;
}

function valkeyPart(path: string, shared: { folder: string; watchdog: Watchdog }): Part {
  const { folder, watchdog } = shared;
  return new Part({
    name: 'redis',
    kind: 'redis',
    start: async (before) => {
      const engine = await startValkey({
        ...{ path, watchdog, env: process.env },
        folder: join(folder, 'redis'),
        logFile: join(folder, 'redis.log'),
        ...(before === undefined ? {} : { port: Number(new URL(before.url).port) }),
      });
      const { child, url } = engine;
      return { pid: child.pid, url, exited: child.exited, stop: () => child.stop(VALKEY_STOP_MS) };
    },
  });
}

function authPart(shared: SharedSettings, mongoUri: string, redisUrl: string): Part {
  return new Part(servicePlan(shared, { name: 'auth', kind: 'auth', mongoUri, redisUrl }));
}

function webPart(
  shared: SharedSettings,
  mongoUri: string,
  { authUrl, nodes }: { authUrl: string; nodes: readonly MessagingNode[] },
): Part {
  const env = {
    PARLEY_AUTH_URL: authUrl,
    PARLEY_MESSAGING_URL: nodes.map(({ part }) => part.url).join(','),
  };
  return new Part(servicePlan(shared, { name: 'web', kind: 'web', mongoUri, env }));
}
