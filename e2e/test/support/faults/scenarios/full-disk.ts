import { execFile } from 'node:child_process';
import { cp, mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { MongoMember } from '../cluster/mongo-member.ts';
import type { ScenarioContext } from '../run/scenario.ts';
import { pause } from '../time.ts';

const run = promisify(execFile);
const MEGABYTE = 1024 ** 2;
/** Megabytes of the small disk. A member and its journal need about 250. */
const SIZE = 600;

/**
 * Moves the data of the primary to a small disk, fills that disk, and moves the primary back afterwards. Needs the right
 * to mount; without it, nothing is done and the result contains a note.
 */
export async function fillDisk({ cluster, note, seconds }: ScenarioContext): Promise<void> {
  const member = await cluster.mongo.primary();
  const before = member.disk.path;
  const small = `${before}-small`;
  await mkdir(small);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}m`, 'tmpfs', small]);
  } catch {
    note('skipped: this user may not mount a file system');
    return;
  }
  try {
    await move(member, small);
    const { bavail, bsize } = await statfs(small);
    await writeFile(join(small, 'ballast'), Buffer.alloc(bavail * bsize)).catch(() => undefined);
    await pause(seconds * 1_000, () => !member.part.isRunning);
    note(member.part.isRunning ? 'the member kept running' : 'the member ended by itself');
  } finally {
    await member.part.kill();
    await run('umount', [small]);
    await rm(small, { recursive: true });
    member.disk.path = before;
    await member.part.start();
  }
}

async function move(member: MongoMember, small: string): Promise<void> {
  await member.part.stop();
  await cp(member.disk.path, small, { recursive: true });
  const { bavail, bsize } = await statfs(small);
  if (bavail * bsize < 20 * MEGABYTE)
    throw new Error('The small disk is full before the test fills it');
  member.disk.path = small;
  await member.part.start();
}
