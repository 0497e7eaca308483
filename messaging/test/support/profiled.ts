import type { TestMongo } from '@parley/backend-common/testing';

/** What the server did for one command. */
export interface Profiled {
  readonly ns: string;
  readonly op: string;
  readonly planSummary?: string;
  readonly docsExamined?: number;
  readonly keysExamined?: number;
  readonly nreturned?: number;
}

/** A call of each method of a repository: one that is missing does not compile. */
export type Calls<Repository> = Record<keyof Repository, () => Promise<unknown>>;

/** What the server did for a call, in collections whose namespace matches. The profiler stays on until it is switched off. */
export async function profiled(
  { db }: Pick<TestMongo, 'db'>,
  ns: RegExp,
  call: () => Promise<unknown>,
): Promise<Profiled[]> {
  await db.command({ profile: 0 });
  await db.dropCollection('system.profile').catch(() => undefined);
  await db.command({ profile: 2 });
  await call();
  return db.collection<Profiled>('system.profile').find({ ns }).toArray();
}
