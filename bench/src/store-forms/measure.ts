import { type Db } from 'mongodb';

import { checkpoint, FormCollection } from './collection.ts';
import { type Form, type Lookup } from './form.ts';
import { Messages, type Sample } from './messages.ts';
import { type StoreMeter } from './meter.ts';

/** How much is written and read. */
export interface Plan {
  readonly messages: number;
  readonly conversations: number;
  /** Calls of each kind of read. */
  readonly reads: number;
  /** Rounds of each of the smaller sizes. */
  readonly smallRounds: number;
}

/** Messages in a round, the most first: those fill the collection. */
export const ROUND_SIZES = [64, 8, 1] as const;
/** What is read, in the order of the table. */
export const READS = ['newest', 'after', 'key', 'id', 'tail'] as const;

export type ReadName = (typeof READS)[number];

/** What one form costs. Microseconds are CPU time of the store; bytes are on disk. */
export interface Measured {
  /** Microseconds a message, by messages in a round, while they are inserted. */
  readonly inserting: Readonly<Record<number, number>>;
  /** Microseconds a message of a full collection, with the checkpoint that follows. */
  readonly withCheckpoint: number;
  readonly messagesPerSecond: number;
  /** Pages that the insertion of a message looks at. */
  readonly pagesRequested: number;
  /** Those of them that were not in the cache. */
  readonly pagesRead: number;
  /** Bytes a message. */
  readonly data: number;
  readonly indexes: Readonly<Record<string, number>>;
  readonly reusable: number;
  /** Microseconds a read; absent for what the form cannot look up. */
  readonly reads: Readonly<Partial<Record<ReadName, number>>>;
  /** Pages that were not in the cache when the newest messages of a conversation were read. */
  readonly newestPagesRead: number;
}

const WARM_UP = 2_000;
const PAGE = 50;
const REMEMBERED = 2_000;

/** Fills a new database with messages of a form, and measures what that and reading them costs. */
export async function measureForm(
  db: Db,
  { form, meter, plan }: { readonly form: Form; readonly meter: StoreMeter; readonly plan: Plan },
): Promise<Measured> {
  const messages = new Messages(plan.conversations);
  const collection = await FormCollection.create(db, form);
  const kept: Sample[] = [];
  const keepEvery = Math.max(1, Math.floor(plan.messages / REMEMBERED));
  const next = () => {
    const message = messages.next();
    if (messages.count % keepEvery === 0) kept.push(message);
    return message;
  };
  const [most, ...fewer] = ROUND_SIZES;
  await collection.write(next, Math.min(WARM_UP, plan.messages), most);
  const before = messages.count;
  const filling = await meter.costOf(() => collection.write(next, plan.messages - before, most));
  const written = messages.count - before;
  const closing = await meter.costOf(() => checkpoint(db));
  const size = await collection.size();
  const stored = messages.count;
  const inserting: Record<number, number> = { [most]: filling.cpuMicroseconds / written };
  for (const perRound of fewer) {
    const count = perRound * plan.smallRounds;
    const cost = await meter.costOf(() => collection.write(next, count, perRound));
    inserting[perRound] = cost.cpuMicroseconds / count;
  }
  const reads = await measureReads(collection, form, { kept, meter, count: plan.reads });
  return {
    inserting,
    withCheckpoint: (filling.cpuMicroseconds + closing.cpuMicroseconds) / written,
    messagesPerSecond: written / filling.seconds,
    pagesRequested: filling.pagesRequested / written,
    pagesRead: filling.pagesRead / written,
    data: size.data / stored,
    reusable: size.reusable / stored,
    indexes: Object.fromEntries(
      Object.entries(size.indexes).map(([name, bytes]) => [name, bytes / stored]),
    ),
    ...reads,
  };
}

interface ReadPlan {
  readonly kept: readonly Sample[];
  readonly meter: StoreMeter;
  readonly count: number;
}

async function measureReads(
  collection: FormCollection,
  form: Form,
  { count, kept, meter }: ReadPlan,
): Promise<Pick<Measured, 'newestPagesRead' | 'reads'>> {
  const reads: Partial<Record<ReadName, number>> = {};
  let newestPagesRead = Number.NaN;
  for (const name of READS) {
    const lookups = kept.flatMap((message) => lookupOf(form, name, message) ?? []);
    if (lookups.length === 0 || !lookups.every((lookup) => collection.has(lookup))) continue;
    const cost = await meter.costOf(async () => {
      for (let at = 0; at < count; at += 1) {
        // A stride that visits conversations in another order than that in which they were written.
        const lookup = lookups[(at * 7_919) % lookups.length];
        const found = lookup === undefined ? [] : await collection.find(lookup);
        if (found.length === 0) throw new Error(`Nothing was found by ${name}`);
      }
    });
    reads[name] = cost.cpuMicroseconds / count;
    if (name === 'newest') newestPagesRead = cost.pagesRead / count;
  }
  return { reads, newestPagesRead };
}

/** The look-up of a read about a message, if the form has it. */
export function lookupOf(form: Form, name: ReadName, message: Sample): Lookup | undefined {
  const { conversation, seq } = message;
  const { byId, byKey, range, tail } = form.shape;
  switch (name) {
    case 'newest':
      return range(conversation, { after: 0, from: 'newest', limit: PAGE });
    case 'after':
      return range(conversation, { after: seq - 1, from: 'oldest', limit: PAGE });
    case 'key':
      return byKey?.(message);
    case 'id':
      return byId?.(message);
    case 'tail':
      return tail(conversation);
    default:
      return name satisfies never;
  }
}
