import { execFile } from 'node:child_process';
import { cp, mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { MongoMember } from '../cluster/mongo-member.ts';
import type { Stage } from '../run/scenario.ts';
import { hold } from '../time.ts';

const run = promisify(execFile);
const MEGABYTE = 1024 ** 2;
/** Megabytes of the small disk; a member with its journal needs 250 or so. */
const SIZE = 600;

/**
 * Puts the data of the primary on a disk of its own, which is then full, until it has its old disk again. Needs the right
 * to mount; without it nothing is done, and the result says so.
 */
export async function fillDisk({ cluster, note, seconds }: Stage): Promise<void> {
  const member = await cluster.mongo.primary();
  const before = member.disk.path;
  const small = `${before}-small`;
  await mkdir(small);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}m`, 'tmpfs', small]);
  } catch {
    note('nothing was done: this user may not mount');
    return;
  }
  try {
    await move(member, small);
    const { bavail, bsize } = await statfs(small);
    await writeFile(join(small, 'ballast'), Buffer.alloc(bavail * bsize)).catch(() => undefined);
    await hold(seconds * 1_000, () => !member.part.isRunning);
    note(member.part.isRunning ? 'the member lived on' : 'the member ended by itself');
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
  if (bavail * bsize < 20 * MEGABYTE) throw new Error('The small disk is too small');
  member.disk.path = small;
  await member.part.start();
}
