import { setTimeout as delay } from 'node:timers/promises';
import { type Db, type Document, MongoClient, MongoServerError } from 'mongodb';

const SET_NAME = 'parley';
const NOT_YET_INITIALIZED = 94;
const POLL_MS = 20;

interface SetConfig extends Document {
  version: number;
  members: { host: string }[];
}

/** The name of every embedded replica set. */
export const replicaSetName = SET_NAME;

async function hasConfig(admin: Db): Promise<boolean> {
  try {
    await admin.command({ replSetGetStatus: 1 });
    return true;
  } catch (error) {
    // Any other error comes from a replica set that was configured with another port.
    return !(error instanceof MongoServerError && error.code === NOT_YET_INITIALIZED);
  }
}

/** The stored configuration has the port of the last start; this replaces it by the present port. */
async function moveTo(host: string, client: MongoClient): Promise<void> {
  const config = await client.db('local').collection<SetConfig>('system.replset').findOne();
  const member = config?.members[0];
  if (!config || !member || member.host === host) return;
  member.host = host;
  config.version += 1;
  await client.db('admin').command({ replSetReconfig: config, force: true });
}

async function waitForPrimary(admin: Db, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { isWritablePrimary } = await admin.command({ hello: 1 });
    if (isWritablePrimary === true) break;
    if (performance.now() > deadline) throw new Error(`no primary after ${timeoutMs / 1000} s`);
    await delay(POLL_MS);
  }
  // A note in the oplog is the one majority write that leaves no collection behind.
  const note = { appendOplogNote: 1, data: { msg: 'Parley starts' } };
  await admin.command({ ...note, writeConcern: { w: 'majority' } });
}

/** The `mongod` to configure, and how long to wait for it. */
export interface Member {
  readonly port: number;
  readonly pid: number;
  readonly timeoutMs: number;
}

/**
 * Makes the `mongod` on this port of 127.0.0.1 a replica set of one, or brings a stored set to this port, and waits
 * until it takes majority writes. Rejects after `timeoutMs`, and where another server answers.
 */
export async function bringUpReplicaSet({ port, pid, timeoutMs }: Member): Promise<void> {
  const host = `127.0.0.1:${port}`;
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, {
    serverSelectionTimeoutMS: timeoutMs,
  });
  try {
    const admin = client.db('admin');
    const status = await admin.command({ serverStatus: 1 });
    if (Number(status['pid']) !== pid) throw new Error(`port ${port} is in use`);
    if (await hasConfig(admin)) await moveTo(host, client);
    else {
      const config = { _id: SET_NAME, members: [{ _id: 0, host }] };
      await admin.command({ replSetInitiate: config });
    }
    await waitForPrimary(admin, timeoutMs);
  } finally {
    await client.close();
  }
}
