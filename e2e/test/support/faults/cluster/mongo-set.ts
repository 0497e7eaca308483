import { join } from 'node:path';
import type { Watchdog } from '@parley/dev';
import { MongoClient, type Document } from 'mongodb';

import { waitUntil } from '../time.ts';
import { SET_NAME, startMember, type MongoMember } from './mongo-member.ts';

const SIZE = 3;
const HEALTHY_MS = 90_000;
/** Milliseconds without a message of the primary until an election. MongoDB's default is 10 s. */
const ELECTION_MS = 4_000;

interface Status {
  readonly name: string;
  readonly health: number;
  readonly stateStr: string;
  readonly optimeDate?: Date;
}

/** A replica set of three members that tests can break one by one. */
export class MongoSet {
  readonly members: readonly MongoMember[];

  private constructor(members: readonly MongoMember[]) {
    this.members = members;
  }

  /** Starts the members and waits for the first primary. */
  static async start(options: {
    readonly folder: string;
    readonly mongod: string;
    readonly watchdog: Watchdog;
  }): Promise<MongoSet> {
    const { folder, ...shared } = options;
    const started = await Promise.allSettled(
      Array.from({ length: SIZE }, (_, index) => {
        const name = `mongo-${index + 1}`;
        const logFile = join(folder, `${name}.log`);
        return startMember({ ...shared, name, dbPath: join(folder, name), logFile });
      }),
    );
    const members = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const set = new MongoSet(members);
    try {
      for (const each of started) if (each.status === 'rejected') throw each.reason;
      await set.#initiate();
      await set.healthy();
      return set;
    } catch (error) {
      await set.close();
      throw error;
    }
  }

  get uri(): string {
    return this.uriFor('parley');
  }

  uriFor(database: string): string {
    const hosts = this.members.map(({ host }) => host).join(',');
    return `mongodb://${hosts}/${database}?replicaSet=${SET_NAME}`;
  }

  /** The member that accepts writes. @throws if there is none */
  async primary(): Promise<MongoMember> {
    for (const member of this.members) {
      const hello = await this.command(member, { hello: 1 }).catch(() => undefined);
      if (hello?.['isWritablePrimary'] === true) return member;
    }
    throw new Error('The replica set has no primary');
  }

  async secondaries(): Promise<MongoMember[]> {
    const primary = await this.primary();
    return this.members.filter((member) => member !== primary);
  }

  /** Runs a command on one member, without its link. */
  async command(member: MongoMember, command: Document): Promise<Document> {
    if (!member.part.isRunning) throw new Error(`${member.part.name} does not run`);
    const client = new MongoClient(
      `mongodb://127.0.0.1:${member.port}/?directConnection=true&serverSelectionTimeoutMS=2000&socketTimeoutMS=10000`,
    );
    try {
      return await client.db('admin').command(command);
    } finally {
      await client.close();
    }
  }

  /** Repairs the links, starts members that do not run, and waits until all others replicate from one primary. */
  async healthy(): Promise<void> {
    for (const { link, part } of this.members) {
      link.heal();
      part.resume();
    }
    await Promise.all(this.members.map(({ part }) => part.start()));
    if (!(await waitUntil(() => this.#isHealthy(), HEALTHY_MS))) {
      throw new Error('The replica set did not become healthy');
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      this.members.map(async ({ link, part }) => {
        await part.kill();
        await link.close();
      }),
    );
  }

  async #initiate(): Promise<void> {
    const members = this.members.map(({ host }, index) => ({ _id: index, host }));
    const settings = { electionTimeoutMillis: ELECTION_MS };
    await this.command(this.members[0]!, {
      replSetInitiate: { _id: SET_NAME, members, settings },
    });
  }

  async #isHealthy(): Promise<boolean> {
    try {
      const primary = await this.primary();
      const status = await this.command(primary, { replSetGetStatus: 1 });
      const states = (status['members'] as Status[]).map(({ stateStr }) => stateStr);
      return (
        states.filter((state) => state === 'PRIMARY').length === 1 &&
        states.filter((state) => state === 'SECONDARY').length === SIZE - 1
      );
    } catch {
      return false;
    }
  }
}
