import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testMongoUri, testRedisUrl } from '@parley/backend-common/testing';
import { readLaunchConfig, startStack, type FcmStandIn, type Stack } from '@parley/dev';

/** Parley as a whole for one test file, on a database of its own and free ports. */
export interface TestStack {
  readonly stack: Stack;
  readonly origin: string;
  close(): Promise<void>;
}

interface StackOptions {
  /** Messaging nodes, each part then being a process of its own, with Redis. */
  readonly nodes?: number;
  /** Builds and serves the web app; otherwise an empty page stands in for it. */
  readonly webApp?: boolean;
  /** Brings its own MongoDB, which then belongs to the stack and can be killed. */
  readonly ownMongo?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Takes the pushes of a stack in this process. */
  readonly fcm?: FcmStandIn;
}

/** Starts the stack as `npm start` does. */
export async function testStack(options: StackOptions = {}): Promise<TestStack> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-e2e-'));
  const dataDir = join(folder, 'data');
  const env = {
    ...process.env,
    NODE_ENV: undefined,
    PORT: '0',
    PARLEY_DATA_DIR: dataDir,
    PARLEY_LOG_LEVEL: 'error',
    ...(options.ownMongo === true ? {} : { MONGODB_URI: testMongoUri() }),
    ...(options.nodes === undefined ? {} : { REDIS_URL: testRedisUrl() }),
    ...(options.webApp === true ? {} : { PARLEY_WEB_ROOT: await emptyPage(join(folder, 'web')) }),
    ...options.env,
  };
  const args = options.nodes === undefined ? [] : ['--nodes', String(options.nodes)];
  const pushSender = options.fcm?.sender();
  const stack = await startStack(readLaunchConfig(env, args), {
    say: () => undefined,
    ...(pushSender === undefined ? {} : { pushSender }),
  });
  return {
    stack,
    origin: stack.origin,
    async close() {
      await stack.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function emptyPage(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Parley</title>');
  return folder;
}
