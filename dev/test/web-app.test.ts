import assert from 'node:assert/strict';
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFresh } from '../src/web-app.ts';
import { withFolder } from './support/folder.ts';

/** A build of ten o'clock and a source of nine, as seconds. */
const [NINE, TEN, ELEVEN] = [9 * 3600, 10 * 3600, 11 * 3600];

async function withBuild(body: (dist: string, source: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const [dist, source] = [join(folder, 'dist'), join(folder, 'src')];
    await mkdir(dist);
    await mkdir(join(source, 'deep'), { recursive: true });
    await writeFile(join(dist, 'index.html'), '');
    await writeFile(join(source, 'deep', 'a.ts'), '');
    await utimes(join(dist, 'index.html'), TEN, TEN);
    for (const path of [join(source, 'deep', 'a.ts'), join(source, 'deep'), source]) {
      await utimes(path, NINE, NINE);
    }
    await body(dist, source);
  });
}

describe('the built web app', () => {
  it('is used as it is if no source is newer', () =>
    withBuild(async (dist, source) => {
      assert.equal(await isFresh(dist, [source]), true);
    }));

  it('is built again when a source has changed', () =>
    withBuild(async (dist, source) => {
      await utimes(join(source, 'deep', 'a.ts'), ELEVEN, ELEVEN);
      assert.equal(await isFresh(dist, [source]), false);
    }));

  it('is built again when a source was deleted', () =>
    withBuild(async (dist, source) => {
      await rm(join(source, 'deep', 'a.ts'));
      assert.equal(await isFresh(dist, [source]), false);
    }));

  it('is built when it is missing', () =>
    withBuild(async (dist, source) => {
      await rm(join(dist, 'index.html'));
      assert.equal(await isFresh(dist, [source]), false);
      assert.equal(await isFresh(dist, [join(source, 'not-there')]), false);
    }));
});
