import { once } from 'node:events';
import type { PushSender } from '@parley/messaging';
import { Cleanup } from './cleanup.ts';
import { type LaunchConfig } from './config.ts';
import { folderSecret, openDataFolder } from './data-folder.ts';
import { builtReference } from './docs/build-reference.ts';
import { cacheFolder } from './engines/cache.ts';
import { LaunchError } from './launch-error.ts';
import { preload } from './parts/in-process.ts';
import { provideMongo, provideObjectStore, provideRedis } from './parts/provide.ts';
import { type StackContext } from './parts/stack-context.ts';
import { StackParts } from './parts/stack-parts.ts';
import { startServices } from './parts/start-services.ts';
import { stopLeftoverProcesses } from './processes/leftover-processes.ts';
import { Watchdog } from './processes/watchdog.ts';
import { ensurePortFree, untilReady } from './reachable.ts';
import { type PartKind, removeStackFile, type StackPart } from './stack-file.ts';
import { builtWebApp } from './web-app.ts';

/** What a stack needs besides its configuration. */
export interface StackOptions {
  /** Prints one line for the user. */
  readonly say: (line: string) => void;
  /** Cancels a start: it rejects at once and stops what it has started. */
  readonly signal?: AbortSignal;
  /** Further arguments for `mongod`. */
  readonly mongodArgs?: readonly string[];
  /** Sends pushes in place of Firebase; used only if the services run in this process. */
  readonly pushSender?: PushSender;
}

/** All of Parley, running on this machine. */
export interface Stack {
  /** The public origin. */
  readonly origin: string;
  readonly mongodbUri: string;
  /** Undefined if a single node runs without Redis. */
  readonly redisUrl: string | undefined;
  readonly dataDir: string;
  /** What runs now; a part that was restarted has another `pid`. */
  parts(): StackPart[];
  /** Settles with the part of this name when it has been restarted after its process ended. */
  restarted(name: string): Promise<StackPart>;
  /** Stops everything that was started; the data stay. */
  close(): Promise<void>;
}

/** The parts that answer `GET /readyz`. */
const SERVICES: ReadonlySet<PartKind> = new Set(['auth', 'messaging', 'web']);

/** The URL with an address that a browser can open: a wildcard address is replaced by the loopback address. */
function originOf(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

/** Waits for all before it throws, so that nothing is still starting while everything is being stopped. */
async function together<Work extends readonly unknown[]>(
  work: [...Work],
): Promise<{ -readonly [Key in keyof Work]: Awaited<Work[Key]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

/** Takes the data folder, stops what a killed launcher has left running there, and checks the port. */
async function prepare(
  config: LaunchConfig,
  options: StackOptions,
  cleanup: Cleanup,
): Promise<StackContext> {
  const { mongodArgs, pushSender, say } = options;
  const folder = await openDataFolder(config.dataDir);
  cleanup.defer(() => folder.release());
  say(`Starting Parley; everything is kept in ${folder.path}`);
  await removeStackFile(folder.path);
  await stopLeftoverProcesses(folder.path, say);
  if (config.port !== 0) await ensurePortFree(config.host, config.port);
  const watchdog = new Watchdog(config.env);
  cleanup.defer(() => watchdog.close());
  const stackParts = new StackParts({ folder: folder.path, say, cleanup });
  const locateContext = { env: config.env, cache: cacheFolder(config.env), say };
  return { config, stackParts, folder, locateContext, watchdog, mongodArgs, pushSender };
}

/** Starts everything in order. Independent steps run side by side: the web app is built while MongoDB starts. */
async function boot(
  context: StackContext,
  options: StackOptions,
  cleanup: Cleanup,
): Promise<Stack> {
  const { config, folder, stackParts } = context;
  const { say, signal } = options;
  const [mongodbUri, redisUrl, objectStore, webRoot, docsRoot, secret] = await together([
    provideMongo(context),
    provideRedis(context),
    provideObjectStore(context),
    config.webRoot ?? builtWebApp({ env: config.env, say }),
    config.docsRoot ?? builtReference(say),
    config.secret ?? folderSecret(folder),
    config.nodes === undefined ? preload() : undefined,
  ]);
  signal?.throwIfAborted();
  const settings = { mongodbUri, redisUrl, objectStore, secret, logs: folder.logs };
  await startServices(context, settings, { webRoot, docsRoot });
  const services = stackParts.parts.filter(({ kind }) => SERVICES.has(kind));
  await Promise.all(services.map(({ name, url }) => untilReady(name, url)));
  const web = services.find(({ kind }) => kind === 'web');
  if (web === undefined) throw new LaunchError('The web service has stopped');
  const origin = originOf(web.url);
  cleanup.defer(() => removeStackFile(folder.path));
  await stackParts.publish(origin);
  return {
    origin,
    mongodbUri,
    redisUrl,
    dataDir: folder.path,
    parts: () => stackParts.parts,
    restarted: (name) => stackParts.restarted(name),
    close: () => cleanup.close(),
  };
}

/**
 * Starts all of Parley on this machine and resolves when every service answers. Throws `LaunchError` for what the user
 * can fix: a port in use, a damaged data folder, a missing program, a second start on the same data folder.
 */
export async function startStack(config: LaunchConfig, options: StackOptions): Promise<Stack> {
  const cleanup = new Cleanup();
  const starting = async () => boot(await prepare(config, options, cleanup), options, cleanup);
  const { signal } = options;
  const cancelled = signal ? [once(signal, 'abort').then(() => signal.throwIfAborted())] : [];
  try {
    return (await Promise.race([starting(), ...cancelled])) as Stack;
  } catch (error) {
    await cleanup.close();
    throw error;
  }
}
