import { copyFile, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { systemEnvironment } from '../processes/child-environment.ts';
import { installOnce } from './cache.ts';
import { runFetch } from './fetch-command.ts';
import { type EngineSource, probeVersion, type LocateContext } from './locate.ts';

/** The release that `mongodb-memory-server` 11.3 takes by itself; `<platform>` and `<arch>` are Node's names. */
const VERSION = '8.2.6';

/** The folder of the cache that holds MongoDB's own download. */
export const downloadFolder = `mongod-${VERSION}-${process.platform}-${process.arch}`;

/*
 * In a process of its own, because the library's download cannot be called off, and where its host swallows packets it
 * would wait for minutes.
 */
const SCRIPT = `
const [library, downloadDir, version] = process.argv.slice(1);
require(library).MongoBinary.getPath({ downloadDir, version }).then(
  (path) => require('node:fs').writeSync(1, '\\n' + path),
  (error) => { console.error(error.message.replace(/\\s+/g, ' ')); process.exitCode = 1; },
);
`;

async function install(context: LocateContext, staging: string): Promise<void> {
  const { env, say, cache } = context;
  const parts = join(staging, 'parts');
  await mkdir(parts);
  const library = createRequire(import.meta.url).resolve('mongodb-memory-server-core');
  let announced = false;
  const output = await runFetch({
    command: process.execPath,
    args: ['--input-type=commonjs', '-e', SCRIPT, library, parts, VERSION],
    // `MONGOMS_*` are the library's own settings, such as another host to download from.
    env: systemEnvironment(env, ['MONGOMS_', 'NODE_EXTRA_CA_CERTS']),
    folder: parts,
    firstByteMs: 7_000,
    stallMs: 20_000,
    onProgress: (bytes) => {
      if (!announced) say(`Fetching MongoDB ${VERSION} (once; it is kept in ${cache})`);
      announced = true;
      say(`Fetching MongoDB: ${Math.round(bytes / 1_000_000)} MB`);
    },
  });
  const path = output.trim().split('\n').at(-1) ?? '';
  await copyFile(path, join(staging, 'mongod'));
  await rm(parts, { recursive: true });
  await probeVersion(join(staging, 'mongod'), env);
}

/** A source: MongoDB's own download, by way of `mongodb-memory-server-core`. Gives up within seconds where it is out of reach. */
export function fromMongoDb(context: LocateContext): EngineSource {
  const { cache, say } = context;
  return {
    name: "MongoDB's own download",
    find: async () => {
      const folder = await installOnce(
        {
          cache,
          name: downloadFolder,
          onWait: () => say('Waiting for another start that is fetching MongoDB'),
        },
        (staging) => install(context, staging),
      );
      return { path: join(folder, 'mongod'), version: VERSION };
    },
  };
}
