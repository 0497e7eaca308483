import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testMongoUri } from '@parley/backend-common/testing';
import { type StackDescription, type StackPart } from '../../src/stack-file.ts';
import { withFolder } from './folder.ts';
import { type WatchedProcess } from '../../src/testing/watched-process.ts';
import { runScript } from './script.ts';

/** Folders of one launch and the environment that points to them. */
export interface Site {
  readonly dataDir: string;
  readonly env: Record<string, string | undefined>;
}

/** Runs the body with a data folder and a web app of its own, on any free port, with the MongoDB of the test run. */
export async function withSite(body: (site: Site) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const [dataDir, webRoot] = [join(folder, 'data'), join(folder, 'web')];
    await mkdir(webRoot);
    await writeFile(join(webRoot, 'index.html'), '<!doctype html><title>Parley</title>');
    const env = {
      PORT: '0',
      PARLEY_DATA_DIR: dataDir,
      PARLEY_WEB_ROOT: webRoot,
      PARLEY_DOCS_ROOT: webRoot,
      MONGODB_URI: testMongoUri(),
    };
    await body({ dataDir, env });
  });
}

/** Runs `npm start` without npm. */
export function launch(env: Site['env'], args: readonly string[] = []): WatchedProcess {
  return runScript('dev/src/start.ts', args, env);
}

/** What `stack.json` holds now. */
export async function readStack(dataDir: string): Promise<StackDescription> {
  return JSON.parse(await readFile(join(dataDir, 'stack.json'), 'utf8')) as StackDescription;
}

/** The part of this name. */
export function partOf(parts: readonly StackPart[], name: string): StackPart {
  const part = parts.find((candidate) => candidate.name === name);
  if (part === undefined) throw new Error(`There is no part ${name}`);
  return part;
}
