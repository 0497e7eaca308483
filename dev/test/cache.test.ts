import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheFolder, installOnce } from '../src/engines/cache.ts';
import { withFolder } from './support/folder.ts';
import { runScript } from './support/script.ts';

const quiet = { onWait: () => undefined };

describe('the cache of engines', () => {
  it('is in the cache folder of the system', () => {
    assert.equal(cacheFolder({ XDG_CACHE_HOME: '/c', HOME: '/h' }, 'linux'), '/c/parley');
    assert.equal(cacheFolder({ HOME: '/h' }, 'linux'), '/h/.cache/parley');
    assert.equal(cacheFolder({ HOME: '/h' }, 'darwin'), '/h/Library/Caches/parley');
    assert.match(cacheFolder({ LOCALAPPDATA: '/l' }, 'win32'), /^\/l.parley.Cache$/);
  });

  it('installs an engine once and finds it from then on', () =>
    withFolder(async (cache) => {
      const entry = { cache, name: 'engine-1.0', ...quiet };
      assert.equal(await cached(entry), undefined);
      const folder = await installOnce(entry, (staging) => writeFile(join(staging, 'server'), 'a'));
      const again = await installOnce(entry, () => Promise.reject(new Error('not again')));
      assert.equal(again, folder);
      assert.equal(await cached(entry), folder);
    }));

  it('removes a failed installation', () =>
    withFolder(async (cache) => {
      const entry = { cache, name: 'engine-1.0', ...quiet };
      const fail = async (staging: string) => {
        await writeFile(join(staging, 'half'), 'a');
        throw new Error('the line is cut');
      };
      await assert.rejects(installOnce(entry, fail), /the line is cut/);
      assert.deepEqual(await readdir(cache), []);
    }));

  it('removes an installation that an earlier process did not finish', () =>
    withFolder(async (cache) => {
      await mkdir(join(cache, 'engine-1.0.part-abc'));
      await installOnce({ cache, name: 'engine-1.0', ...quiet }, () => Promise.resolve());
      assert.deepEqual(await readdir(cache), ['engine-1.0']);
    }));

  it('is filled by only one of several processes that start at once', () =>
    withFolder(async (folder) => {
      const [cache, journal] = [join(folder, 'cache'), join(folder, 'journal')];
      const starts = [1, 2, 3].map(() =>
        runScript('dev/test/fixtures/install.ts', [cache, journal]),
      );
      const exits = await Promise.all(starts.map(({ ended }) => ended));
      assert.deepEqual(
        exits.map(({ code }) => code),
        [0, 0, 0],
      );
      const installations = (await readFile(journal, 'utf8')).trim().split('\n');
      assert.equal(installations.length, 1);
      const server = await readFile(join(cache, 'engine-1.0', 'server'), 'utf8');
      assert.equal(server.length, 200);
      assert.deepEqual(await readdir(cache), ['engine-1.0']);
    }));
});
