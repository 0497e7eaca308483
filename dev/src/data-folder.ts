import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DAY } from '@parley/common';
import { type MongodKey } from './engines/mongod-key.ts';
import { type ProcessLock, tryLock } from './processes/process-lock.ts';
import { LaunchError } from './launch-error.ts';
import { readOrigin } from './stack-file.ts';

const LOCK = 'launcher.lock';
const SECRET = 'secret';
const MONGO_KEY = 'mongo.key';
const SECRET_BYTES = 32;
const LOG_DAYS = 14;
/** A folder that contains one of these is a data folder of Parley. */
const OURS = new Set([LOCK, SECRET, 'mongo', 'logs', 'objects']);

/** The folder that holds all data of one stack; one launcher at a time may use it. */
export interface DataFolder {
  readonly path: string;
  /** The folder of the first member of the replica set. */
  readonly mongo: string;
  readonly valkey: string;
  readonly objects: string;
  readonly logs: string;
  /** Releases the folder for the next launcher. */
  release(): Promise<void>;
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not write there';
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'a file stands in its place';
  if (code === 'ENOENT') return 'it cannot be made there';
  if (code === 'ENOSPC') return 'the disk is full';
  if (code === 'EROFS') return 'the disk is read-only';
  return message;
}

/** Node's own recursive `mkdir` never returns where no folder can be created, as in `/proc`. */
async function makeFolder(path: string): Promise<void> {
  const make = () => mkdir(path, { mode: 0o700 });
  try {
    await make();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  }
}

/** Accepts only an empty folder or a data folder of Parley, because other users lose access to it. */
async function prepare(path: string): Promise<void> {
  await makeFolder(path);
  const names = await readdir(path);
  if (names.length > 0 && !names.some((name) => OURS.has(name))) {
    throw new LaunchError(
      `${path} holds other things; give PARLEY_DATA_DIR a new or empty folder for Parley alone.`,
    );
  }
  await chmod(path, 0o700);
}

async function lock(path: string): Promise<ProcessLock> {
  const outcome = await tryLock(join(path, LOCK));
  if ('release' in outcome) return outcome;
  const origin = await readOrigin(path);
  const where = origin === undefined ? '' : ` at ${origin}`;
  throw new LaunchError(
    `Parley already runs on ${path}${where} (process ${outcome.pid}); stop it or choose another PARLEY_DATA_DIR.`,
  );
}

/** Each start writes new files, named after ports and processes, so old ones are deleted. */
async function pruneLogs(logs: string): Promise<void> {
  const oldest = Date.now() - LOG_DAYS * DAY;
  for (const name of await readdir(logs)) {
    const path = join(logs, name);
    const { mtimeMs } = await stat(path);
    if (mtimeMs < oldest) await rm(path, { recursive: true, force: true });
  }
}

/** Opens the data folder, readable by this user alone, and takes its lock. Throws `LaunchError`. */
export async function openDataFolder(path: string): Promise<DataFolder> {
  try {
    await prepare(path);
    const held = await lock(path);
    const logs = join(path, 'logs');
    await makeFolder(logs);
    await pruneLogs(logs);
    return {
      path,
      mongo: join(path, 'mongo'),
      valkey: join(path, 'valkey'),
      objects: join(path, 'objects'),
      logs,
      release: () => held.release(),
    };
  } catch (error) {
    if (error instanceof LaunchError) throw error;
    throw new LaunchError(`The data folder ${path} cannot be used: ${reason(error)}.`, {
      cause: error,
    });
  }
}

/** A secret in a file of its own, created on the first start. Throws `LaunchError` with `advice` if the file is damaged. */
async function keptSecret(path: string, made: string, advice: string): Promise<string> {
  try {
    await writeFile(path, made, { flag: 'wx', mode: 0o600 });
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const secret = (await readFile(path, 'utf8')).trim();
  if (Buffer.byteLength(secret) < SECRET_BYTES) {
    throw new LaunchError(
      `${path} is damaged: it has to hold at least ${SECRET_BYTES} bytes. ${advice}`,
    );
  }
  await chmod(path, 0o600);
  return secret;
}

/** The secret of this data folder, created on the first start. Throws `LaunchError` if its file is damaged. */
export function folderSecret(folder: DataFolder): Promise<string> {
  return keptSecret(
    join(folder.path, SECRET),
    randomBytes(SECRET_BYTES).toString('base64url'),
    'Put the old content back, or remove it to log everybody out.',
  );
}

/**
 * The key of the MongoDB of this data folder, created on the first start; data that are older stay. Throws `LaunchError`
 * if its file is damaged.
 */
export async function folderMongoKey(folder: DataFolder): Promise<MongodKey> {
  const path = join(folder.path, MONGO_KEY);
  const made = randomBytes(SECRET_BYTES).toString('base64');
  return {
    path,
    text: await keptSecret(path, made, 'Remove it, and the next start makes a new one.'),
  };
}
