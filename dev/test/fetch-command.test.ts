import assert from 'node:assert/strict';
import { join } from 'node:path';
import { runFetch } from '../src/engines/fetch-command.ts';
import { withFolder } from './support/folder.ts';

function fetching(folder: string, script: string) {
  return {
    command: process.execPath,
    args: ['-e', script],
    env: {},
    folder,
    firstByteMs: 10_000,
    stallMs: 10_000,
    onProgress: () => undefined,
  };
}

describe('a download program', () => {
  it('returns its output', () =>
    withFolder(async (folder) => {
      assert.equal(await runFetch(fetching(folder, 'console.log("here")')), 'here\n');
    }));

  it('fails with its last line', () =>
    withFolder(async (folder) => {
      const script = 'console.error("first\\nno such host\\n"); process.exitCode = 1';
      await assert.rejects(runFetch(fetching(folder, script)), { message: 'no such host' });
    }));

  it('fails with a clear message if it is not installed', () =>
    withFolder(async (folder) => {
      const command = join(folder, 'pip');
      await assert.rejects(runFetch({ ...fetching(folder, ''), command }), {
        message: `there is no ${command}`,
      });
    }));

  it('is killed if it downloads nothing', () =>
    withFolder(async (folder) => {
      const hang = fetching(folder, 'setInterval(() => {}, 1000)');
      await assert.rejects(runFetch({ ...hang, firstByteMs: 1 }), {
        message: 'it does not answer',
      });
    }));

  it('is killed if the download stops', () =>
    withFolder(async (folder) => {
      const script = `require('fs').writeFileSync(${JSON.stringify(join(folder, 'part'))}, 'x'.repeat(1e6));
        setInterval(() => {}, 1000)`;
      const hang = fetching(folder, script);
      await assert.rejects(runFetch({ ...hang, stallMs: 1 }), { message: 'nothing more arrived' });
    }));
});
