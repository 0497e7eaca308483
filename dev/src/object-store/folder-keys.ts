import { randomBytes } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type DataFolder } from '../data-folder.ts';
import { LaunchError } from '../launch-error.ts';
import { type StoreKeys } from './signature.ts';

const FILE = 'object-store-keys';
const keysSchema = z.object({
  accessKeyId: z.string().min(16),
  secretAccessKey: z.string().min(32),
});

/** The keys of this data folder's object store, made on the first start. Throws `LaunchError` if they are damaged. */
export async function folderKeys(folder: DataFolder): Promise<StoreKeys> {
  const path = join(folder.path, FILE);
  const made = {
    accessKeyId: randomBytes(12).toString('hex'),
    secretAccessKey: randomBytes(32).toString('hex'),
  };
  try {
    await writeFile(path, `${JSON.stringify(made)}\n`, { flag: 'wx', mode: 0o600 });
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  try {
    await chmod(path, 0o600);
    return keysSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new LaunchError(`${path} is damaged: remove it, and new keys are made.`, {
      cause: error,
    });
  }
}
