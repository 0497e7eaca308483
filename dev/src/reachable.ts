import { setTimeout as delay } from 'node:timers/promises';
import { createServer } from 'node:net';
import { MongoClient } from 'mongodb';
import { LaunchError } from './launch-error.ts';

const MONGO_PATIENCE_MS = 5_000;
const READY_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/** Throws `LaunchError` if the web service could not listen there. */
export function ensurePortFree(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new LaunchError(portTrouble(error, host, port), { cause: error }));
    });
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

function portTrouble(error: NodeJS.ErrnoException, host: string, port: number): string {
  const { code } = error;
  if (code === 'EADDRINUSE') {
    return `Port ${port} on ${host} is in use; stop what listens there, or choose another one, such as PORT=${port + 1}.`;
  }
  if (code === 'EACCES') {
    return `This user may not listen on port ${port}; choose one above 1023, such as PORT=8080.`;
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `HOST=${host} is not an address of this computer.`;
  }
  return `Port ${port} on ${host} cannot be used: ${error.message}`;
}

/** Throws `LaunchError` if `MONGODB_URI` does not answer or is not a replica set. */
export async function ensureReplicaSet(uri: string): Promise<void> {
  let client: MongoClient | undefined;
  try {
    client = new MongoClient(uri, { serverSelectionTimeoutMS: MONGO_PATIENCE_MS });
    const { setName, msg } = await client.db('admin').command({ hello: 1 });
    if (setName !== undefined || msg === 'isdbgrid') return;
  } catch (error) {
    throw new LaunchError(`MONGODB_URI does not answer: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await client?.close();
  }
  throw new LaunchError(
    'MONGODB_URI is a single server; Parley needs a replica set, which may have one member (mongod --replSet).',
  );
}

/** Waits until a service reports that it and its dependencies are ready. Throws `LaunchError` after 30 s. */
export async function untilReady(name: string, url: string): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  let last = 'no answer';
  while (performance.now() < deadline) {
    try {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) });
      if (response.ok) return;
      last = `status ${response.status}`;
    } catch (error) {
      last = (error as Error).message;
    }
    await delay(POLL_MS);
  }
  throw new LaunchError(`${name} is not ready after 30 s: ${last}`);
}
