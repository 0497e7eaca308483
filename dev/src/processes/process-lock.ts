import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { isAlive, processStart } from './process-identity.ts';

const holderSchema = z.object({ pid: z.number().int(), start: z.string().optional() });

/** The process that holds a lock. */
export type LockHolder = z.infer<typeof holderSchema>;

/** A lock that is held until it is released or its process ends. */
export interface ProcessLock {
  release(): Promise<void>;
}

async function isStale({ pid, start }: LockHolder): Promise<boolean> {
  if (!isAlive(pid)) return true;
  return start !== undefined && start !== (await processStart(pid));
}

function parseHolder(text: string): LockHolder {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return { pid: 0, start: 'unreadable' };
  }
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

/** Moves a stale lock aside, then checks what was moved: another process may have replaced the lock in between. */
async function removeStale(path: string, staleText: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readText(aside);
  if (moved !== undefined && moved !== staleText) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function tryCreate(path: string, text: string): Promise<boolean> {
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, text, { mode: 0o600 });
  try {
    // A hard link is created completely or not at all, and never replaces a file.
    await link(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/** Takes the lock file at `path`, or returns the running process that holds it. A lock of a process that has ended is stale. */
export async function tryLock(path: string): Promise<ProcessLock | LockHolder> {
  const start = await processStart(process.pid);
  const text = JSON.stringify({ pid: process.pid, start, id: randomUUID() });
  for (;;) {
    if (await tryCreate(path, text)) {
      return {
        release: async () => {
          if ((await readText(path)) === text) await rm(path, { force: true });
        },
      };
    }
    const heldText = await readText(path);
    if (heldText === undefined) continue;
    const holder = parseHolder(heldText);
    if (!(await isStale(holder))) return holder;
    await removeStale(path, heldText);
  }
}

/** Takes the lock file at `path` and waits while a running process holds it; `onWait` is called once if it has to wait. */
export async function waitForLock(path: string, onWait: () => void): Promise<ProcessLock> {
  for (let waited = false; ; waited = true) {
    const outcome = await tryLock(path);
    if ('release' in outcome) return outcome;
    if (!waited) onWait();
    await delay(200);
  }
}
