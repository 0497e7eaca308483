import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Environment } from '../config.ts';
import { waitForLock } from '../processes/process-lock.ts';

/** Where engines are kept for this user: `XDG_CACHE_HOME` if it is set, else the convention of the system. */
export function cacheFolder(
  env: Environment,
  platform: NodeJS.Platform = process.platform,
): string {
  const home = env['HOME'] ?? env['USERPROFILE'] ?? homedir();
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'parley');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'parley');
  if (platform === 'win32') {
    return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'parley', 'Cache');
  }
  return join(home, '.cache', 'parley');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function removeLeftovers(cache: string, prefix: string): Promise<void> {
  const names = await readdir(cache);
  const leftovers = names.filter((name) => name.startsWith(prefix));
  await Promise.all(
    leftovers.map((name) => rm(join(cache, name), { recursive: true, force: true })),
  );
}

/** One folder of the cache, and what to call when it has to be waited for. */
export interface CacheEntry {
  readonly cache: string;
  readonly name: string;
  readonly onWait: () => void;
}

/** The entry's folder if it has been installed, else undefined. */
export async function cached({
  cache,
  name,
}: Pick<CacheEntry, 'cache' | 'name'>): Promise<string | undefined> {
  const folder = join(cache, name);
  return (await exists(folder)) ? folder : undefined;
}

/**
 * The entry's folder, filled by `install` unless it is there already. The folder appears whole or not at all, and of
 * several processes that want it at once one fills it while the others wait.
 */
export async function installOnce(
  entry: CacheEntry,
  install: (staging: string) => Promise<void>,
): Promise<string> {
  const target = join(entry.cache, entry.name);
  if (await exists(target)) return target;
  await mkdir(entry.cache, { recursive: true });
  const lock = await waitForLock(join(entry.cache, `${entry.name}.lock`), entry.onWait);
  try {
    if (await exists(target)) return target;
    const prefix = `${entry.name}.part-`;
    await removeLeftovers(entry.cache, prefix);
    const staging = await mkdtemp(join(entry.cache, prefix));
    try {
      await install(staging);
      await rename(staging, target);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
    return target;
  } finally {
    await lock.release();
  }
}
