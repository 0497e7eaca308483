import type { Db, Document } from 'mongodb';

/** What the server did for one command. */
export interface QueryPlan {
  /** The collection and the command, for messages. */
  readonly name: string;
  /** The indexes that it scanned, by name and by key pattern. */
  readonly indexes: readonly string[];
  readonly summary: string;
  readonly keysExamined: number;
  readonly docsExamined: number;
  /** Documents that were returned, updated or deleted. */
  readonly answered: number;
  /** Bounds of the leading key of each index scan. */
  readonly leadingBounds: readonly string[];
}

/** A call of a repository, and where it may examine more than the default, how much more and why. */
export interface QueryCase {
  readonly call: () => Promise<unknown>;
  /** The call counts or groups: index keys that it may examine, whatever it returns. */
  readonly keys?: number;
  /** Documents that it may examine; 0 for a query that its index covers. */
  readonly docs?: number;
  /** Why the scan may have no bounds on its leading key. */
  readonly unbounded?: string;
}

/** A case for each method of a repository. A method without one does not compile. */
export type QueryCases<Repository> = Record<keyof Repository, QueryCase | (() => Promise<unknown>)>;

interface ProfiledCommand {
  readonly ns: string;
  /** How a find or a write was carried out. The profiler leaves it out for aggregations. */
  readonly execStats?: Document;
  readonly op: string;
  readonly command: Document;
  readonly planSummary?: string;
  readonly keysExamined?: number;
  readonly docsExamined?: number;
  readonly nreturned?: number;
  readonly nMatched?: number;
  readonly ndeleted?: number;
  readonly nUpserted?: number;
}

/** Index keys that a command may examine beyond twice what it answers. */
const SPARE_KEYS = 6;
const UNBOUNDED = new Set(['MinKey, MaxKey', 'MaxKey, MinKey']);
const EXPLAINED = new Set(['aggregate', 'pipeline', 'hint', 'cursor']);
const NO_STAGES = new Set(['rejectedPlans', 'indexBounds', 'keyPattern', 'multiKeyPaths']);

/** What the server does for a call, command by command; inserts are left out. The profiler is off before and after. */
export async function plansOf(db: Db, call: () => Promise<unknown>): Promise<QueryPlan[]> {
  await db.dropCollection('system.profile').catch(() => undefined);
  await db.command({ profile: 2 });
  try {
    await call();
  } finally {
    await db.command({ profile: 0 });
  }
  const profiled = await db
    .collection<ProfiledCommand>('system.profile')
    .find({ planSummary: { $exists: true }, ns: { $not: /system\./ } })
    .toArray();
  return Promise.all(profiled.map((each) => toPlan(db, each)));
}

/** What is wrong with the plans of a case; empty where nothing is. */
export function faultsOf(plans: readonly QueryPlan[], limits: Omit<QueryCase, 'call'>): string[] {
  return plans.flatMap((plan) => {
    const { answered, docsExamined, keysExamined, leadingBounds, name, summary } = plan;
    const keys = limits.keys ?? 2 * answered + SPARE_KEYS;
    const docs = limits.docs ?? limits.keys ?? Math.max(2, answered + 1);
    const isUnbounded = limits.unbounded === undefined && leadingBounds.some(isWhole);
    return [
      ...(/COLLSCAN/.test(summary) ? [`${name} scans the collection`] : []),
      ...(isUnbounded ? [`${name} scans the whole index: ${summary}`] : []),
      ...(keysExamined > keys ? [`${name} examines ${keysExamined} keys for ${answered}`] : []),
      ...(docsExamined > docs
        ? [`${name} examines ${docsExamined} documents for ${answered}`]
        : []),
    ];
  });
}

async function toPlan(db: Db, profiled: ProfiledCommand): Promise<QueryPlan> {
  const { command, docsExamined = 0, keysExamined = 0, ns, op, planSummary = '' } = profiled;
  const { nMatched = 0, nUpserted = 0, ndeleted = 0, nreturned = 0 } = profiled;
  const scans = scansIn(profiled.execStats ?? (await explain(db, command)));
  return {
    name: `${ns.slice(ns.indexOf('.') + 1)} ${op}`,
    indexes: scans.flatMap(({ indexName, keyPattern }) => [indexName, JSON.stringify(keyPattern)]),
    summary: planSummary,
    keysExamined,
    docsExamined,
    answered: Math.max(nreturned, nMatched, ndeleted, nUpserted),
    leadingBounds: scans.map(({ indexBounds }) => leadingBound(indexBounds)),
  };
}

/** Explains an aggregation, without what belongs to its session. */
function explain(db: Db, command: Document): Promise<Document> {
  const kept = Object.entries(command).filter(([name]) => EXPLAINED.has(name));
  return db.command({ explain: Object.fromEntries(kept) });
}

interface IndexScan {
  readonly indexName: string;
  readonly keyPattern: Document;
  readonly indexBounds: Document;
}

/** The index scans of a plan, but of the plans that were not chosen. */
function scansIn(plan: unknown): IndexScan[] {
  if (typeof plan !== 'object' || plan === null) return [];
  const own = 'indexBounds' in plan ? [plan as IndexScan] : [];
  const inner = Object.entries(plan).filter(([name]) => !NO_STAGES.has(name));
  return [...own, ...inner.flatMap(([, value]) => scansIn(value))];
}

/** What a scan looks at of the first key of its index. */
function leadingBound(bounds: Document): string {
  const { endKey, startKey } = bounds as { endKey?: Document; startKey?: Document };
  const counted = startKey && [startKey, endKey ?? {}].map((key) => nameOf(Object.values(key)[0]));
  const leading = counted?.join(', ') ?? (Object.values(bounds) as string[][])[0]?.join(', ');
  return leading?.replace(/[[\]()]/g, '') ?? '';
}

function isWhole(bound: string): boolean {
  return UNBOUNDED.has(bound);
}

function nameOf(key: unknown): string {
  return (key as { _bsontype?: string } | undefined)?._bsontype ?? String(key);
}
