import { join } from 'node:path';
import { cacheFolder } from '../../src/engines/cache.ts';
import { type MongodOptions } from '../../src/engines/mongod.ts';
import { locateMongod } from '../../src/engines/mongod.ts';
import { Watchdog } from '../../src/processes/watchdog.ts';
import { withFolder } from './folder.ts';

/** Where engines are found, without a word. */
export const locateContext = {
  env: process.env,
  cache: cacheFolder(process.env),
  say: () => undefined,
};

/** Runs the body with all it takes to start a `mongod` in a folder of its own. */
export async function withMongodOptions(
  body: (options: MongodOptions & { folder: string; lines: string[] }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const watchdog = new Watchdog(process.env);
    const lines: string[] = [];
    const { path } = await locateMongod(locateContext);
    try {
      await body({
        path,
        folder,
        dbPath: join(folder, 'mongo'),
        logFile: join(folder, 'mongod.log'),
        watchdog,
        env: process.env,
        say: (line) => lines.push(line),
        lines,
        cacheGb: 0.25,
      });
    } finally {
      watchdog.close();
    }
  });
}

/** Whether the process is gone by the time that its death has been seen by everybody. */
export async function untilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
