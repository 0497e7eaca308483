import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, locateValkey, startValkey, Watchdog } from '@parley/dev';

import { type Cores, pin } from './cores.ts';

const GRACE_MS = 5_000;

/** The Redis that connects nodes. */
export interface RedisServer {
  readonly url: string;
  /** Stops the server if this run started it. */
  close(): Promise<void>;
}

/** The Redis of `REDIS_URL`, else a Valkey or Redis of this run, on the core that the server does not have. */
export async function openRedis(folder: string, cores: Cores | undefined): Promise<RedisServer> {
  const given = process.env['REDIS_URL'];
  if (given !== undefined) return { url: given, close: () => Promise.resolve() };
  const say = (line: string): void => console.error(line);
  const data = join(folder, `valkey-${process.pid}`);
  const watchdog = new Watchdog(process.env);
  await mkdir(data, { recursive: true });
  watchdog.watchFolder(data);
  const { path } = await locateValkey({
    env: process.env,
    cache: cacheFolder(process.env),
    say,
  });
  const engine = await startValkey({
    ...{ path, watchdog, env: process.env, folder: data },
    logFile: join(folder, 'valkey.log'),
  });
  if (cores !== undefined) await pin(cores.others, engine.child.pid);
  return {
    url: engine.url,
    close: async () => {
      await engine.child.stop(GRACE_MS);
      await rm(data, { recursive: true, force: true });
      watchdog.unwatchFolder(data);
      watchdog.close();
    },
  };
}
