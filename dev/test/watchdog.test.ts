import assert from 'node:assert/strict';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../src/processes/process-identity.ts';
import { untilGone } from './support/engines.ts';
import { withFolder } from './support/folder.ts';
import { runScript } from './support/script.ts';

describe('the watchdog', () => {
  it('stops the engines of a killed process, and removes their folder', () =>
    withFolder(async (folder) => {
      const engineFolder = join(folder, 'engine');
      await mkdir(engineFolder);
      const owner = runScript('dev/test/fixtures/engine-owner.ts', [engineFolder]);
      const pid = Number((await owner.line(/^started/)).split(' ')[1]);
      assert.equal(isAlive(pid), true);
      owner.process.kill('SIGKILL');
      await owner.ended;
      await untilGone(pid);
      while (
        await access(engineFolder).then(
          () => true,
          () => false,
        )
      );
    }));
});
