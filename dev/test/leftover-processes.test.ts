import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAlive } from '../src/processes/process-identity.ts';
import { stopLeftoverProcesses, recordProcesses } from '../src/processes/leftover-processes.ts';
import { withFolder } from './support/folder.ts';

async function idle(script = '') {
  const child = spawn(process.execPath, [
    '-e',
    `${script};setInterval(() => 0, 1e4);console.log()`,
  ]);
  await once(child.stdout, 'data');
  return { child, pid: child.pid!, exit: once(child, 'exit') };
}

describe('processes that a killed launcher left behind', () => {
  it('are stopped and named', () =>
    withFolder(async (folder) => {
      const { pid, exit } = await idle();
      await recordProcesses(folder, [{ name: 'messaging-1', pid }]);
      const lines: string[] = [];
      await stopLeftoverProcesses(folder, (line) => lines.push(line));
      assert.deepEqual(await exit, [null, 'SIGTERM']);
      assert.deepEqual(lines, ['Ending what an earlier run left behind: messaging-1']);
    }));

  it('are killed if they do not stop', () =>
    withFolder(async (folder) => {
      const { pid, exit } = await idle("process.on('SIGTERM', () => 0)");
      await recordProcesses(folder, [{ name: 'web', pid }]);
      await stopLeftoverProcesses(folder, () => undefined, 0);
      assert.deepEqual(await exit, [null, 'SIGKILL']);
    }));

  it('are not confused with other processes that have their ids now', () =>
    withFolder(async (folder) => {
      const [past, present] = [await idle(), await idle()];
      await recordProcesses(folder, [{ name: 'web', pid: past.pid }]);
      past.child.kill();
      await past.exit;
      const lines: string[] = [];
      await stopLeftoverProcesses(folder, (line) => lines.push(line));
      assert.equal(isAlive(present.pid), true);
      assert.deepEqual(lines, []);
      present.child.kill();
      await present.exit;
    }));
});
