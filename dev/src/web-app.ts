import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Environment } from './config.ts';
import { waitForLock } from './processes/process-lock.ts';
import { LaunchError } from './launch-error.ts';
import { nodeEnvironment } from './processes/child-environment.ts';

/** The repository's root. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WORKSPACE = join(ROOT, 'client-web');
/** The sources of the web app. */
const SOURCES = [
  'client-web/src',
  'client-web/public',
  'client-web/index.html',
  'client-web/package.json',
  'client-web/vite.config.js',
  'client-common/src',
  'common/src',
].map((source) => join(ROOT, source));

async function modifiedAt(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function newestIn(path: string): Promise<number> {
  const names = await readdir(path, { recursive: true }).catch(() => []);
  const times = await Promise.all(['', ...names].map((name) => modifiedAt(join(path, name))));
  return Math.max(...times);
}

/** Whether a build is there and not older than any of its sources. */
export async function isFresh(dist: string, sources: readonly string[]): Promise<boolean> {
  const [built, ...changed] = await Promise.all([
    modifiedAt(join(dist, 'index.html')),
    ...sources.map(newestIn),
  ]);
  return built > 0 && built >= Math.max(...changed);
}

/** What building needs to know. */
interface Builder {
  readonly env: Environment;
  readonly say: (line: string) => void;
}

/** In a process of its own, because Vite changes `NODE_ENV` of the process it builds in. */
function runVite(outDir: string, env: Environment): Promise<void> {
  const vite = createRequire(import.meta.url).resolve('vite/package.json');
  const args = [join(dirname(vite), 'bin', 'vite.js'), 'build', '--outDir', outDir];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args, '--emptyOutDir', '--logLevel', 'warn'], {
      cwd: WORKSPACE,
      env: { ...nodeEnvironment(env), NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(complaint.trim().split('\n')[0] ?? 'no reason given'));
    });
  });
}

async function build(dist: string, env: Environment): Promise<void> {
  const started = new Date();
  const outDir = join(WORKSPACE, '.build', `web-${randomUUID()}`);
  try {
    await runVite(outDir, env);
    // What changes while it is being built is newer than the build.
    await utimes(join(outDir, 'index.html'), started, started);
    // A server of the old build misses files only between these two calls.
    await rm(dist, { recursive: true, force: true });
    await rename(outDir, dist);
  } catch (error) {
    throw new LaunchError(`The web app could not be built: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}

/** The folder of the built web app, built first where it is missing or older than its sources. Throws `LaunchError`. */
export async function builtWebApp({ env, say }: Builder): Promise<string> {
  const dist = join(WORKSPACE, 'dist');
  if (await isFresh(dist, SOURCES)) return dist;
  await mkdir(join(WORKSPACE, '.build'), { recursive: true });
  const lock = await waitForLock(join(WORKSPACE, '.build', 'web-app.lock'), () =>
    say('Waiting for another start that is building the web app'),
  );
  try {
    if (await isFresh(dist, SOURCES)) return dist;
    say('Building the web app');
    await build(dist, env);
    return dist;
  } finally {
    await lock.release();
  }
}
