import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  faultsOf,
  plansOf,
  type QueryCase,
  type QueryPlan,
  testMongo,
  type TestMongo,
} from '@parley/backend-common/testing';

import { messagingMigrations } from '../src/migrations/index.ts';
import { seedCrowd } from './support/crowd.ts';
import { hintedRepositories, type RepositoryCases } from './support/query-cases/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = ['messaging/src', 'backend-common/src'];
const HINT = /\bhint(?:\(|: )(?:'(\w+)'|(\{ \w+: -?1 \})|[\w{])/g;

/**
 * A hint makes MongoDB use an index even where the query has no bounds on it: a partial index whose filter the query
 * does not repeat is then scanned from end to end, and the query is right and slow. So every hinted query is carried
 * out among 10,000 conversations and 100,000 entries.
 */
describe('every hinted query', function () {
  this.timeout(60_000);
  let mongo: TestMongo;
  let repositories: Record<string, RepositoryCases>;

  before(async () => {
    mongo = await testMongo('messaging-test');
    const somebody = await seedCrowd(mongo.db);
    for (const migration of messagingMigrations) await migration.up(mongo.db);
    repositories = hintedRepositories(mongo, somebody);
  });
  after(() => mongo.drop());

  it('is in a repository whose methods all have a case', async () => {
    const hinted = await filesWithHints();
    assert.ok(hinted.size > 10);
    assert.deepEqual([...hinted.keys()].sort(), Object.keys(repositories).sort());
  });

  it('examines no more than what it is about, by bounds of its index', async () => {
    const hinted = await filesWithHints();
    const all: string[] = [];
    for (const [file, cases] of Object.entries(repositories)) {
      const used = new Set<string>();
      for (const [name, given] of Object.entries(cases)) {
        const { plans, faults } = await outcomeOf(given);
        all.push(...faults.map((fault) => `${file} ${name}: ${fault}`));
        for (const index of plans.flatMap(({ indexes }) => indexes)) used.add(index);
      }
      const unused = [...(hinted.get(file) ?? [])].filter((hint) => !used.has(hint));
      all.push(...unused.map((hint) => `${file}: no case uses the hint ${hint}`));
    }
    assert.deepEqual(all, []);
  });

  async function outcomeOf(
    given: RepositoryCases[string],
  ): Promise<{ plans: QueryPlan[]; faults: string[] }> {
    const limits: QueryCase = typeof given === 'function' ? { call: given } : given;
    const plans = await plansOf(mongo.db, limits.call);
    return { plans, faults: faultsOf(plans, limits) };
  }
});

/** The names of the indexes that each source file hints at. A file whose queries a lease queue hints at has no names. */
async function filesWithHints(): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const sources of SOURCES) {
    const names = await readdir(join(ROOT, sources), { recursive: true });
    for (const name of names.filter((each) => each.endsWith('.ts'))) {
      const file = `${sources}/${name}`;
      const text = await readFile(join(ROOT, file), 'utf8');
      if (!text.includes('Collection<')) continue;
      const hints = [...text.matchAll(HINT)];
      const named = hints.flatMap(([, index, key]) => index ?? key ?? []);
      const isQueue = text.includes('new LeaseQueue(');
      if (hints.length > 0 || isQueue) found.set(file, new Set(named.map(toName)));
    }
  }
  return found;
}

/** `{ dueAt: 1 }` as the profiler has it: `{"dueAt":1}`. */
function toName(hint: string): string {
  return hint.startsWith('{') ? hint.replace(/ ?(\w+): (-?1) ?/g, '"$1":$2') : hint;
}
