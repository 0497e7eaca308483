import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processStart } from '../src/processes/process-identity.ts';
import { tryLock, waitForLock } from '../src/processes/process-lock.ts';
import { withFolder } from './support/folder.ts';

async function pidOfTheDead(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid!;
}

describe('a process lock', () => {
  it('is held by one process, which is named to the others, until it is released', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'a.lock');
      const first = await tryLock(path);
      assert.ok('release' in first);
      const second = await tryLock(path);
      assert.ok(!('release' in second));
      assert.equal(second.pid, process.pid);
      await first.release();
      const third = await tryLock(path);
      assert.ok('release' in third);
      await third.release();
      assert.deepEqual(await readdir(folder), []);
    }));

  it('is taken over from a process that has ended', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'a.lock');
      await writeFile(path, JSON.stringify({ pid: await pidOfTheDead() }));
      assert.ok('release' in (await tryLock(path)));
    }));

  it('is taken over if the process id belongs to another process now', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'a.lock');
      assert.notEqual(await processStart(process.pid), undefined);
      await writeFile(path, JSON.stringify({ pid: process.pid, start: 'long ago' }));
      assert.ok('release' in (await tryLock(path)));
    }));

  it('is taken over if its content cannot be read', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'a.lock');
      await writeFile(path, '');
      assert.ok('release' in (await tryLock(path)));
    }));

  it('is taken over by exactly one of many processes that find it stale at once', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'a.lock');
      await writeFile(path, JSON.stringify({ pid: await pidOfTheDead() }));
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => tryLock(path)));
      assert.equal(outcomes.filter((outcome) => 'release' in outcome).length, 1);
    }));

  it('is passed to a process that waits for it', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'a.lock');
      const first = await tryLock(path);
      assert.ok('release' in first);
      const second = await waitForLock(path, () => void first.release());
      await second.release();
      assert.deepEqual(await readdir(folder), []);
    }));
});
