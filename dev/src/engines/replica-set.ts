import { setTimeout as delay } from 'node:timers/promises';
import {
  type Db,
  type Document,
  MongoClient,
  type MongoClientOptions,
  MongoServerError,
} from 'mongodb';
import { type MongodKey, serviceUser, systemUser } from './mongod-key.ts';

const SET_NAME = 'parley';
const NOT_YET_INITIALIZED = 94;
const USER_NOT_FOUND = 11;
const AUTHENTICATION_FAILED = 18;
const POLL_MS = 20;

interface SetConfig extends Document {
  version: number;
  members: { _id: number; host: string }[];
}

/** The name of every embedded replica set. */
export const replicaSetName = SET_NAME;

async function hasConfig(admin: Db): Promise<boolean> {
  try {
    await admin.command({ replSetGetStatus: 1 });
    return true;
  } catch (error) {
    // Any other error comes from a replica set that was configured with another port.
    return !hasCode(error, NOT_YET_INITIALIZED);
  }
}

/** One `mongod` of a set, with a connection to it alone. */
interface Connected {
  readonly host: string;
  readonly admin: Db;
  readonly client: MongoClient;
}

/** The newest stored configuration, and who has it; undefined where the members are new. */
async function storedConfig(
  connected: readonly Connected[],
): Promise<{ config: SetConfig; holder: Connected } | undefined> {
  let newest: { config: SetConfig; holder: Connected } | undefined;
  for (const holder of connected) {
    if (!(await hasConfig(holder.admin))) continue;
    const stored = holder.client.db('local').collection<SetConfig>('system.replset');
    const config = await stored.findOne();
    if (config !== null && config.version > (newest?.config.version ?? -1)) {
      newest = { config, holder };
    }
  }
  return newest;
}

/** The stored configuration has the ports of the last start; this replaces them, and adds members that are new. */
async function configure(connected: readonly Connected[]): Promise<void> {
  const stored = await storedConfig(connected);
  const members = connected.map(({ host }, _id) => ({ ...stored?.config.members[_id], _id, host }));
  if (stored === undefined) {
    await connected[0]?.admin.command({ replSetInitiate: { _id: SET_NAME, members } });
    return;
  }
  const { config, holder } = stored;
  if (config.members.length > members.length) {
    throw new Error(`the data belong to a replica set of ${config.members.length} members`);
  }
  const isCurrent = members.every(({ host }, index) => config.members[index]?.host === host);
  if (isCurrent) return;
  const changed = { ...config, members, version: config.version + 1 };
  // Forced, because there is no primary while the members look for each other at the old ports.
  await holder.admin.command({ replSetReconfig: changed, force: true });
}

async function findPrimary(connected: readonly Connected[]): Promise<Connected | undefined> {
  for (const each of connected) {
    const { isWritablePrimary } = await each.admin.command({ hello: 1 });
    if (isWritablePrimary === true) return each;
  }
  return undefined;
}

/** The remaining milliseconds of a start. */
type Deadline = () => number;

/** Waits until the set takes majority writes; the primary. */
async function waitForPrimary(connected: readonly Connected[], left: Deadline): Promise<Connected> {
  for (;;) {
    const primary = await findPrimary(connected);
    if (primary !== undefined) {
      // A note in the oplog is the one majority write that leaves no collection behind.
      const note = { appendOplogNote: 1, data: { msg: 'Parley starts' } };
      const writeConcern = { w: 'majority', wtimeout: Math.max(1, Math.ceil(left())) };
      await primary.admin.command({ ...note, writeConcern });
      return primary;
    }
    if (left() < 0) throw new Error('there is no primary');
    await delay(POLL_MS);
  }
}

/** Creates the user of the services, or gives it the password that follows from the key. */
async function provideUser({ admin }: Connected, key: MongodKey): Promise<void> {
  const { password, username } = serviceUser(key);
  const settings = {
    pwd: password,
    roles: ['root'],
    mechanisms: ['SCRAM-SHA-256'],
    writeConcern: { w: 'majority' },
  };
  try {
    await admin.command({ updateUser: username, ...settings });
  } catch (error) {
    if (!hasCode(error, USER_NOT_FOUND)) throw error;
    await admin.command({ createUser: username, ...settings });
  }
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof MongoServerError && error.code === code;
}

/** A `mongod` to configure. */
export interface Member {
  readonly port: number;
  readonly pid: number;
}

/** How to bring a set up. */
interface BringUp {
  readonly timeoutMs: number;
  /** The key of its members; without one, everybody on this machine may do everything. */
  readonly key?: MongodKey | undefined;
}

async function connect({ pid, port }: Member, settings: BringUp): Promise<Connected> {
  const { key, timeoutMs } = settings;
  const host = `127.0.0.1:${port}`;
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, {
    serverSelectionTimeoutMS: timeoutMs,
    ...(key === undefined ? {} : credentialsOf(key)),
  });
  try {
    const admin = client.db('admin');
    const status = await admin.command({ serverStatus: 1 });
    if (Number(status['pid']) !== pid) throw new Error(`port ${port} is in use`);
    return { host, admin, client };
  } catch (error) {
    await client.close();
    if (hasCode(error, AUTHENTICATION_FAILED)) {
      throw new Error(`port ${port} is in use`, { cause: error });
    }
    throw error;
  }
}

function credentialsOf(key: MongodKey): MongoClientOptions {
  const { authSource, password, username } = systemUser(key);
  return { auth: { username, password }, authSource, authMechanism: 'SCRAM-SHA-256' };
}

/**
 * Makes these `mongod` of 127.0.0.1 a replica set, or brings a stored set to their ports and size, and waits until it
 * takes majority writes. With a key, the user of the services exists then. The order of the members is that of earlier
 * starts. Rejects after `timeoutMs`, where another server answers, and where the stored set has more members.
 */
export async function bringUpReplicaSet(
  members: readonly Member[],
  settings: BringUp,
): Promise<void> {
  const { key, timeoutMs } = settings;
  const deadline = performance.now() + timeoutMs;
  const connected: Connected[] = [];
  try {
    for (const member of members) connected.push(await connect(member, settings));
    await configure(connected);
    const primary = await waitForPrimary(connected, () => deadline - performance.now());
    if (key !== undefined) await provideUser(primary, key);
  } finally {
    await Promise.all(connected.map(({ client }) => client.close()));
  }
}

/** Where clients reach a set, and with a key who they are. */
export function replicaSetUrl(ports: readonly number[], key?: MongodKey): string {
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
  if (key === undefined) return `mongodb://${hosts}/?replicaSet=${SET_NAME}`;
  const { authSource, password, username } = serviceUser(key);
  return `mongodb://${username}:${password}@${hosts}/?replicaSet=${SET_NAME}&authSource=${authSource}`;
}
