import assert from 'node:assert/strict';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { DAY } from '@parley/common';
import { folderMongoKey, folderSecret, openDataFolder } from '../src/data-folder.ts';
import { LaunchError } from '../src/launch-error.ts';
import { readOrigin, removeStackFile, writeStackFile } from '../src/stack-file.ts';
import { withFolder } from './support/folder.ts';

const permissions = async (path: string) => (await stat(path)).mode & 0o777;

describe('the data folder', () => {
  it('is created with its parents, accessible to this user only', () =>
    withFolder(async (folder) => {
      const data = await openDataFolder(join(folder, 'a', 'b'));
      assert.equal(await permissions(data.path), 0o700);
      assert.equal(await permissions(data.logs), 0o700);
      await data.release();
    }));

  it('loses the permissions that other users had', () =>
    withFolder(async (folder) => {
      await mkdir(join(folder, 'mongo'));
      await chmod(folder, 0o755);
      const data = await openDataFolder(folder);
      assert.equal(await permissions(folder), 0o700);
      await data.release();
    }));

  it('is refused if it contains files of something else', () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'thesis.txt'), 'mine');
      await chmod(folder, 0o755);
      await assert.rejects(openDataFolder(folder), /holds other things/);
      assert.equal(await permissions(folder), 0o755);
    }));

  it('reports in one line that the path is a file', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'file');
      await writeFile(path, '');
      for (const place of [path, join(path, 'below')]) {
        await assert.rejects(
          openDataFolder(place),
          new LaunchError(`The data folder ${place} cannot be used: a file stands in its place.`),
        );
      }
    }));

  it('reports in one line that the path is a broken link', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'link');
      await symlink(join(folder, 'gone', 'away'), path);
      await assert.rejects(
        openDataFolder(path),
        new LaunchError(`The data folder ${path} cannot be used: it cannot be made there.`),
      );
    }));

  it('is used by one launcher at a time, which is named to the others', () =>
    withFolder(async (folder) => {
      const first = await openDataFolder(folder);
      await writeStackFile(folder, { origin: 'http://127.0.0.1:8080', parts: [] });
      await assert.rejects(
        openDataFolder(folder),
        new RegExp(`already runs on .* at http://127.0.0.1:8080 \\(process ${process.pid}\\)`),
      );
      await first.release();
      await (await openDataFolder(folder)).release();
    }));

  it('keeps a secret of at least 32 bytes that only this user can read', () =>
    withFolder(async (folder) => {
      const data = await openDataFolder(folder);
      const secret = await folderSecret(data);
      assert.ok(Buffer.byteLength(secret) >= 32);
      assert.equal(await folderSecret(data), secret);
      assert.equal(await permissions(join(folder, 'secret')), 0o600);
      await data.release();
    }));

  it('keeps a key of its MongoDB that only this user can read, and takes permissions from others', () =>
    withFolder(async (folder) => {
      const data = await openDataFolder(folder);
      const key = await folderMongoKey(data);
      assert.equal(key.path, join(folder, 'mongo.key'));
      // What mongod takes as a key file.
      assert.match(key.text, /^[A-Za-z0-9+/=]{6,1024}$/);
      await chmod(key.path, 0o644);
      assert.deepEqual(await folderMongoKey(data), key);
      assert.equal(await permissions(key.path), 0o600);
      await writeFile(key.path, 'short');
      await assert.rejects(folderMongoKey(data), /mongo\.key is damaged: .* Remove it/);
      await rm(key.path);
      assert.notEqual((await folderMongoKey(data)).text, key.text);
      await data.release();
    }));

  it('refuses a damaged secret instead of creating another one', () =>
    withFolder(async (folder) => {
      const data = await openDataFolder(folder);
      await writeFile(join(folder, 'secret'), 'short');
      await assert.rejects(folderSecret(data), /secret is damaged/);
      await data.release();
    }));

  it('deletes logs that were not written to for two weeks', () =>
    withFolder(async (folder) => {
      const data = await openDataFolder(folder);
      await data.release();
      await writeFile(join(data.logs, 'new.log'), '');
      await writeFile(join(data.logs, 'old.log'), '');
      const past = new Date(Date.now() - 15 * DAY);
      await utimes(join(data.logs, 'old.log'), past, past);
      await (await openDataFolder(folder)).release();
      assert.deepEqual(await readdir(data.logs), ['new.log']);
    }));

  it('lists the running parts in a file that only this user can read', () =>
    withFolder(async (folder) => {
      const part = { name: 'web', kind: 'web', pid: 1, url: 'http://127.0.0.1:1' } as const;
      const stack = { origin: 'http://127.0.0.1:8080', parts: [part] };
      await writeStackFile(folder, stack);
      const path = join(folder, 'stack.json');
      assert.equal(await permissions(path), 0o600);
      assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), stack);
      await removeStackFile(folder);
      assert.equal(await readOrigin(folder), undefined);
    }));
});
