import { randomUUID } from 'node:crypto';
import { rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { failure, ok, skipped, type Check, type Finding } from '../finding.ts';
import { judgeSpace } from './disk-space.ts';

export const logFolder: Check = {
  name: 'log-folder',
  async run({ deployment: { settings } }) {
    const { PARLEY_LOG_DIR: folder } = settings;
    if (folder === undefined)
      return skipped('PARLEY_LOG_DIR is not set: logs go to standard output.');
    try {
      if (!(await stat(folder)).isDirectory()) return wrong(folder, 'is not a folder');
      await tryToWrite(folder);
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      // A service creates it when it starts.
      if (code === 'ENOENT') return skipped(`The folder ${folder} does not exist yet.`);
      return wrong(folder, `cannot be written by this user (${code})`);
    }
    const { bavail, blocks, bsize } = await statfs(folder);
    const space = { free: bavail * bsize, total: blocks * bsize, what: `The disk of ${folder}` };
    return judgeSpace(space) ?? ok(`Logs can be written to ${folder}.`);
  },
};

function wrong(folder: string, what: string): Finding {
  return failure(
    `PARLEY_LOG_DIR, ${folder}, ${what}.`,
    'Create the folder and give it to the user who runs the services: mkdir, chown, chmod 0700.',
  );
}

async function tryToWrite(folder: string): Promise<void> {
  const path = join(folder, `.doctor-${randomUUID()}`);
  try {
    await writeFile(path, '', { flag: 'wx' });
  } finally {
    await rm(path, { force: true });
  }
}
