import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { locate, onPath } from '../src/engines/locate.ts';
import { locateMongod } from '../src/engines/mongod.ts';
import { locateValkey } from '../src/engines/valkey.ts';
import { LaunchError } from '../src/launch-error.ts';
import { withFolder } from './support/folder.ts';

const advice = 'Parley needs it: install it.';

function without(name: string, reason: string) {
  return { name, find: () => Promise.reject(new Error(reason)) };
}

/** A server of this version, which also says it is MongoDB. */
async function fakeMongod(folder: string, version: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'mongod');
  await writeFile(path, `#!/bin/sh\necho "db version v${version}"\n`);
  await chmod(path, 0o755);
  return path;
}

describe('finding an engine', () => {
  it('takes the first source that has it, and says in one line why the others do not', async () => {
    const lines: string[] = [];
    const engine = { path: '/x/mongod', version: '6.0.5' };
    const found = await locate({
      near: [without('PATH', 'there is no mongod')],
      far: [
        without('Download', 'out of reach'),
        { name: 'Wheel', find: () => Promise.resolve(engine) },
        without('Never', 'asked'),
      ],
      say: (line) => lines.push(line),
      advice,
    });
    assert.equal(found, engine);
    assert.deepEqual(lines, ['PATH: there is no mongod', 'Download: out of reach']);
  });

  it('fails with one line that says what to do', async () => {
    const search = {
      near: [without('PATH', 'there is none')],
      far: [],
      say: () => undefined,
      advice,
    };
    await assert.rejects(locate(search), new LaunchError(advice));
  });

  it('prints nothing if this computer has it', async () => {
    const lines: string[] = [];
    await locate({
      near: [
        without('PATH', 'there is no mongod'),
        { name: 'Cache', find: () => Promise.resolve({ path: '/x', version: '6.0.5' }) },
      ],
      far: [],
      say: (line) => lines.push(line),
      advice,
    });
    assert.deepEqual(lines, []);
  });

  it('takes a mongod on PATH and reads its version', () =>
    withFolder(async (folder) => {
      const path = await fakeMongod(folder, '7.0.9');
      const env = { PATH: folder };
      const context = { env, cache: join(folder, 'cache'), say: () => undefined };
      assert.deepEqual(await locateMongod(context), { path, version: '7.0.9' });
    }));

  it('skips a server that does not run here', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'mongod');
      await writeFile(path, '#!/bin/sh\necho "libssl is missing" >&2\nexit 127\n');
      await chmod(path, 0o755);
      await assert.rejects(onPath(['mongod'], { PATH: folder }).find(), /libssl is missing/);
    }));

  it('uses the release that wrote the data, even if another one is on PATH', () =>
    withFolder(async (folder) => {
      await fakeMongod(join(folder, 'bin'), '8.0.1');
      const cache = join(folder, 'cache');
      const name = `mongod-6.0.5-${process.platform}-${process.arch}`;
      const kept = await fakeMongod(join(cache, name), '6.0.5');
      const lines: string[] = [];
      const env = { PATH: join(folder, 'bin') };
      const found = await locateMongod({ env, cache, say: (line) => lines.push(line) }, '6.0.2');
      assert.deepEqual(found, { path: kept, version: '6.0.5' });
      assert.deepEqual(lines, []);
    }));

  it('names every source without Valkey, and what to install', () =>
    withFolder(async (folder) => {
      const lines: string[] = [];
      const context = {
        env: { PATH: folder },
        cache: join(folder, 'cache'),
        say: (line: string) => lines.push(line),
      };
      await assert.rejects(locateValkey(context), /install redis-server .* or set REDIS_URL/);
      assert.equal(lines[0], 'PATH: there is no valkey-server or redis-server');
      assert.match(lines.at(-1)!, /^Python's package index: there is no python3; there is no pip$/);
    }));
});
