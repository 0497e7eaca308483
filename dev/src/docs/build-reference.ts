import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

import { waitForLock } from '../processes/process-lock.ts';
import { isFresh } from '../web-app.ts';
import { createReference } from './reference.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const FOLDER = join(ROOT, 'web', 'dist', 'docs');
/** Everything that the reference is made from. */
const SOURCES = ['common/src', 'dev/src/docs', 'package-lock.json'].map((path) => join(ROOT, path));
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/** Writes the API reference into `folder`, each file with a `.br` and a `.gz` form beside it. */
export async function buildReference(folder = FOLDER): Promise<void> {
  const started = new Date();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // Last, because `isFresh` looks at it: a build that was cut short has none.
  const { 'index.html': page = '', ...others } = Object.fromEntries(await createReference());
  for (const [name, content] of Object.entries({ ...others, 'index.html': page })) {
    const path = join(folder, name);
    await writeFile(`${path}.br`, await promisify(brotliCompress)(content, BROTLI));
    await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
    await writeFile(path, content);
  }
  // What changes during the build is newer than the build.
  await utimes(join(folder, 'index.html'), started, started);
}

/** The folder of the API reference, built first if it is missing or older than its sources. */
export async function builtReference(say: (line: string) => void): Promise<string> {
  if (await isFresh(FOLDER, SOURCES)) return FOLDER;
  await mkdir(join(ROOT, 'web', '.build'), { recursive: true });
  const lock = await waitForLock(join(ROOT, 'web', '.build', 'docs.lock'), () =>
    say('Waiting for another start that is building the API reference'),
  );
  try {
    if (await isFresh(FOLDER, SOURCES)) return FOLDER;
    say('Building the API reference');
    await buildReference();
    return FOLDER;
  } finally {
    await lock.release();
  }
}
