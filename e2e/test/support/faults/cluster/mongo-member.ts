import { mkdir } from 'node:fs/promises';
import {
  Child,
  comesUp,
  freePort,
  systemEnvironment,
  type PartPlan,
  type Watchdog,
} from '@parley/dev';

import { Link } from '../../links/link.ts';
import { Part } from './part.ts';

export const SET_NAME = 'parley';
const START_MS = 60_000;
const STOP_MS = 30_000;

/** How to run one member. */
export interface MemberOptions {
  readonly name: string;
  readonly mongod: string;
  readonly dbPath: string;
  readonly logFile: string;
  readonly watchdog: Watchdog;
}

/** One `mongod` of a replica set. Nodes and the other members reach it through its link. */
export interface MongoMember {
  readonly part: Part;
  readonly link: Link;
  /** Its address in the configuration of the replica set: that of the link. */
  readonly host: string;
  /** The port of the process, without the link. */
  readonly port: number;
  /** The folder of its data from the next start on. */
  readonly disk: { path: string };
}

/** Starts a member before the replica set is initiated. */
export async function startMember(options: MemberOptions): Promise<MongoMember> {
  const port = await freePort();
  await mkdir(options.dbPath, { recursive: true, mode: 0o700 });
  const disk = { path: options.dbPath };
  const part = new Part(planOf(options, disk, port));
  await part.start();
  const link = await Link.open({ target: port });
  return { part, link, host: `127.0.0.1:${link.port}`, port, disk };
}

function planOf(
  { logFile, mongod, name, watchdog }: MemberOptions,
  disk: { readonly path: string },
  port: number,
): PartPlan {
  return {
    name,
    kind: 'mongod',
    start: async () => {
      const child = await Child.start({
        command: mongod,
        args: [
          ...['--dbpath', disk.path, '--port', String(port), '--bind_ip', '127.0.0.1'],
          ...['--replSet', SET_NAME, '--wiredTigerCacheSizeGB', '0.25', '--oplogSize', '256'],
          ...['--quiet', '--nounixsocket', '--slowms', '60000'],
          ...['--setParameter', 'enableTestCommands=1'],
          ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
        ],
        env: systemEnvironment(process.env),
        logFile,
        watchdog,
      });
      if (!(await comesUp(child, port, START_MS))) {
        if (child.running) await child.kill();
        throw new Error(`${name} did not start; see ${logFile}`);
      }
      return {
        pid: child.pid,
        url: `mongodb://127.0.0.1:${port}`,
        exited: child.exited,
        stop: () => child.stop(STOP_MS),
      };
    },
  };
}
