import { once } from 'node:events';
import type { PushSender } from '@parley/messaging';
import { Closers } from './closers.ts';
import { type Environment, type LaunchConfig } from './config.ts';
import { folderSecret, openDataFolder } from './data-folder.ts';
import { cacheFolder } from './engines/cache.ts';
import { Watchdog } from './engines/watchdog.ts';
import { endLeftBehind } from './left-behind.ts';
import { type EngineSite, mongodPlan, valkeyPlan } from './parts/engine-parts.ts';
import { folderKeys } from './object-store/folder-keys.ts';
import { inProcessPlan, preload } from './parts/in-process.ts';
import { BUCKET, objectStorePlan } from './parts/object-store-part.ts';
import { ownProcessPlan } from './parts/own-process.ts';
import { type PartPlan } from './parts/part.ts';
import { type ServiceRequest } from './parts/service-parts.ts';
import { ensurePortFree, ensureReplicaSet, untilReady } from './reachable.ts';
import { Roster } from './roster.ts';
import { innerEnvironment, type Provisions, webEnvironment } from './service-environments.ts';
import { type PartKind, removeStackFile, type StackPart } from './stack-file.ts';
import { builtReference } from './docs/build-reference.ts';
import { builtWebApp } from './web-app.ts';

/** What a stack needs besides its configuration. */
export interface StackSetting {
  /** Tells the person one line. */
  readonly say: (line: string) => void;
  /** Calls a start off: it rejects at once, having stopped what it had started. */
  readonly signal?: AbortSignal;
  /** Further arguments for `mongod`. */
  readonly mongodArgs?: readonly string[];
  /** What hands pushes on, where ours share this process. */
  readonly pushSender?: PushSender;
}

/** Parley as a whole, on this machine. */
export interface Stack {
  /** The one public origin. */
  readonly origin: string;
  readonly mongodbUri: string;
  /** Undefined where a single node runs without. */
  readonly redisUrl: string | undefined;
  readonly dataDir: string;
  /** What runs now; a part that was started again has another `pid`. */
  parts(): StackPart[];
  /** Settles with the part when it has been started again after its process ended. */
  restarted(name: string): Promise<StackPart>;
  /** Stops everything that was started; the data stay. */
  close(): Promise<void>;
}

/** The parts that are ours, and say themselves when they are ready. */
const SERVICES: ReadonlySet<PartKind> = new Set(['auth', 'messaging', 'web']);

/** What the steps of a start share. */
interface Site extends EngineSite {
  readonly config: LaunchConfig;
  readonly roster: Roster;
  readonly pushSender: PushSender | undefined;
}

/** The whole under the address where a browser finds it: a wildcard is none. */
function originOf(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

/** Awaits all before it throws, so that nothing is still starting while everything is stopped. */
async function together<Work extends readonly unknown[]>(
  work: [...Work],
): Promise<{ -readonly [Key in keyof Work]: Awaited<Work[Key]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

async function provideMongo({ config, roster, ...site }: Site): Promise<string> {
  if (config.mongodbUri !== undefined) {
    await ensureReplicaSet(config.mongodbUri);
    return config.mongodbUri;
  }
  const [mongod] = await roster.start([mongodPlan(site)]);
  return mongod?.url ?? '';
}

async function provideRedis({ config, roster, ...site }: Site): Promise<string | undefined> {
  if (config.redisUrl !== undefined || config.nodes === undefined) return config.redisUrl;
  const [redis] = await roster.start([valkeyPlan(site)]);
  return redis?.url;
}

/** The variables that name the store to the services. */
async function provideObjectStore({ config, roster, ...site }: Site): Promise<Environment> {
  if (config.s3Endpoint !== undefined) return {};
  const keys = await folderKeys(site.folder);
  const [store] = await roster.start([objectStorePlan({ ...site, config, keys })]);
  const url = store?.url;
  return {
    S3_ENDPOINT: url,
    S3_PUBLIC_ENDPOINT: config.env['S3_PUBLIC_ENDPOINT'] ?? url,
    S3_REGION: undefined,
    S3_BUCKET: BUCKET,
    S3_ACCESS_KEY_ID: keys.accessKeyId,
    S3_SECRET_ACCESS_KEY: keys.secretAccessKey,
  };
}

/** A service: a process of its own where there are several nodes, else here. */
function planFor({
  config,
  folder,
  pushSender,
  watchdog,
}: Site): (request: ServiceRequest) => PartPlan {
  if (config.nodes === undefined) return (request) => inProcessPlan(request, pushSender);
  return (request) => ownProcessPlan(request, { logs: folder.logs, watchdog });
}

/** Folders that `web` serves. */
interface WebFolders {
  readonly webRoot: string;
  readonly docsRoot: string;
}

async function startServices(
  site: Site,
  provisions: Provisions,
  folders: WebFolders,
): Promise<void> {
  const { config, roster } = site;
  const plan = planFor(site);
  const env = innerEnvironment(config, provisions);
  const [auth] = await roster.start([plan({ name: 'auth', kind: 'auth', env })]);
  const authUrl = auth?.url ?? '';
  const nodeEnv = { ...env, PARLEY_AUTH_URL: authUrl };
  const nodes = Array.from({ length: config.nodes ?? 1 }, (_, index) => `messaging-${index + 1}`);
  const messaging = await roster.start(
    nodes.map((name) => plan({ name, kind: 'messaging', env: nodeEnv })),
  );
  const messagingUrls = messaging.map(({ url }) => url);
  const webEnv = webEnvironment(config, provisions, { authUrl, messagingUrls, ...folders });
  await roster.start([plan({ name: 'web', kind: 'web', env: webEnv })]);
}

/** Everything in its order. What can go on side by side does: the web app is built and code loaded while MongoDB starts. */
async function boot(config: LaunchConfig, setting: StackSetting, closers: Closers): Promise<Stack> {
  const { say } = setting;
  const folder = await openDataFolder(config.dataDir);
  closers.defer(() => folder.release());
  say(`Starting Parley; everything is kept in ${folder.path}`);
  await removeStackFile(folder.path);
  await endLeftBehind(folder.path, say);
  if (config.port !== 0) await ensurePortFree(config.host, config.port);
  const watchdog = new Watchdog(config.env);
  closers.defer(() => watchdog.close());
  const roster = new Roster({ folder: folder.path, say, closers });
  const surroundings = { env: config.env, cache: cacheFolder(config.env), say };
  const { mongodArgs, pushSender } = setting;
  const site = { config, roster, folder, surroundings, watchdog, mongodArgs, pushSender };
  const [mongodbUri, redisUrl, objectStore, webRoot, docsRoot, secret] = await together([
    provideMongo(site),
    provideRedis(site),
    provideObjectStore(site),
    config.webRoot ?? builtWebApp({ env: config.env, say }),
    config.docsRoot ?? builtReference(say),
    config.secret ?? folderSecret(folder),
    config.nodes === undefined ? preload() : undefined,
  ]);
  setting.signal?.throwIfAborted();
  const provisions = { mongodbUri, redisUrl, objectStore, secret, logs: folder.logs };
  await startServices(site, provisions, { webRoot, docsRoot });
  const services = roster.parts.filter(({ kind }) => SERVICES.has(kind));
  await Promise.all(services.map(({ name, url }) => untilReady(name, url)));
  const origin = originOf(services.find(({ kind }) => kind === 'web')?.url ?? '');
  closers.defer(() => removeStackFile(folder.path));
  await roster.publish(origin);
  return {
    origin,
    mongodbUri,
    redisUrl,
    dataDir: folder.path,
    parts: () => roster.parts,
    restarted: (name) => roster.restarted(name),
    close: () => closers.close(),
  };
}

/**
 * Starts Parley as a whole on this machine and resolves when everything answers. Throws `LaunchError` for what a person
 * can put right: a port in use, a broken data folder, a missing part, a second start on the same data folder.
 */
export async function startStack(config: LaunchConfig, setting: StackSetting): Promise<Stack> {
  const closers = new Closers();
  const calledOff = setting.signal
    ? [once(setting.signal, 'abort').then(() => setting.signal?.throwIfAborted())]
    : [];
  try {
    return (await Promise.race([boot(config, setting, closers), ...calledOff])) as Stack;
  } catch (error) {
    await closers.close();
    throw error;
  }
}
