import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const EXEC = fileURLToPath(new URL('../bin/exec.js', import.meta.url));
const run = promisify(execFile);

describe("exec for Windows' shell", () => {
  it('passes on the arguments unchanged, and the exit code', async () => {
    const script = 'console.log(JSON.stringify(process.argv.slice(1))); process.exitCode = 3';
    const args = [EXEC, process.execPath, '-e', script, '--', '--nodes', 'a b', '$HOME'];
    await assert.rejects(run(process.execPath, args), (error: Error & { code: number }) => {
      assert.equal(error.code, 3);
      assert.equal((error as unknown as { stdout: string }).stdout, '["--nodes","a b","$HOME"]\n');
      return true;
    });
  });

  it('names the command that cannot be run', async () => {
    await assert.rejects(run(process.execPath, [EXEC, 'no-such-command']), {
      code: 127,
      stderr: 'spawn no-such-command ENOENT\n',
    });
  });
});
