import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { isAlive, processStart } from './process-identity.ts';

const FILE = 'processes.json';
const POLL_MS = 50;

const processesSchema = z.array(z.object({ name: z.string(), pid: z.int(), start: z.string() }));

/** A process that the launcher has started. Its start time distinguishes it from later processes with the same id. */
type Started = z.infer<typeof processesSchema>[number];

/** Records which processes the launcher has started, in case it is killed. */
export async function recordProcesses(
  folder: string,
  parts: readonly { name: string; pid: number }[],
): Promise<void> {
  const others = parts.filter(({ pid }) => pid !== process.pid);
  const started = await Promise.all(
    others.map(async ({ name, pid }) => ({ name, pid, start: await processStart(pid) })),
  );
  await writeFile(join(folder, FILE), JSON.stringify(started), { mode: 0o600 });
}

async function readProcesses(folder: string): Promise<Started[]> {
  try {
    return processesSchema.parse(JSON.parse(await readFile(join(folder, FILE), 'utf8')));
  } catch {
    return [];
  }
}

async function stillRuns({ pid, start }: Started): Promise<boolean> {
  return isAlive(pid) && (await processStart(pid)) === start;
}

async function end({ pid }: Started, graceMs: number): Promise<void> {
  const deadline = performance.now() + graceMs;
  process.kill(pid, 'SIGTERM');
  while (isAlive(pid)) {
    await delay(POLL_MS);
    if (performance.now() > deadline) process.kill(pid, 'SIGKILL');
  }
}

/**
 * Stops the processes that a killed launcher has left running, and prints a line. Usually its watchdog has done that
 * already. The caller holds the lock of the data folder, so that launcher has ended.
 */
export async function stopLeftoverProcesses(
  folder: string,
  say: (line: string) => void,
  graceMs = 20_000,
): Promise<void> {
  const started = await readProcesses(folder);
  const running = await Promise.all(started.map(stillRuns));
  const left = started.filter((_, index) => running[index]);
  if (left.length === 0) return;
  say(`Ending what an earlier run left behind: ${left.map(({ name }) => name).join(', ')}`);
  // A process that has just ended by itself cannot be signalled.
  await Promise.allSettled(left.map((one) => end(one, graceMs)));
}
