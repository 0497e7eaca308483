import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';

import { chooseCores } from '../processes/cores.ts';
import { openStore } from '../processes/store.ts';
import { FORMS, type FormName } from './forms.ts';
import { measureForm, type Measured, type Plan } from './measure.ts';
import { StoreMeter } from './meter.ts';
import { tables } from './table.ts';

const RESULTS = fileURLToPath(new URL('../../results/', import.meta.url));
/** Less than the messages need, so that reads of pages count. */
const CACHE_GB = 0.5;

interface StoreFormsOptions {
  readonly forms: readonly FormName[];
  readonly rounds: number;
  readonly messages: number;
  readonly conversations: number;
  readonly quick: boolean;
}

/**
 * Measures what a stored message costs in each of the forms, one after the other in each round, and prints the medians
 * of the rounds. Returns the exit code.
 */
export async function measureStoreForms(options: StoreFormsOptions): Promise<number> {
  const { conversations, forms, messages, quick, rounds } = options;
  const startedAt = new Date().toISOString().replaceAll(':', '-').slice(0, 19);
  const folder = join(RESULTS, `store-forms-${startedAt}`);
  await mkdir(folder, { recursive: true });
  const plan: Plan = {
    ...{ messages, conversations },
    ...(quick ? { reads: 100, smallRounds: 50 } : { reads: 2_000, smallRounds: 1_000 }),
  };
  const store = await openStore(folder, await chooseCores(), CACHE_GB);
  const results = new Map<FormName, Measured[]>(forms.map((name) => [name, []]));
  try {
    for (let round = 1; round <= rounds; round += 1) {
      for (const name of forms) {
        const database = `parley-forms-${process.pid}-${round}-${name}`;
        const measured = await measureIn(store.uri(database), store.pid, { name, plan });
        results.get(name)?.push(measured);
        say(`round ${round}\n${tables(new Map([[name, [measured]]]))}\n`);
        await writeFile(join(folder, 'results.json'), JSON.stringify([...results], undefined, 2));
      }
    }
  } finally {
    await store.close();
  }
  say(tables(results));
  return 0;
}

/** The database is dropped afterwards. */
async function measureIn(
  uri: string,
  pid: number | undefined,
  { name, plan }: { readonly name: FormName; readonly plan: Plan },
): Promise<Measured> {
  const client = new MongoClient(uri);
  try {
    const db = client.db();
    const meter = await StoreMeter.open(db, pid);
    return await measureForm(db, { form: FORMS[name], meter, plan });
  } finally {
    await client.db().dropDatabase();
    await client.close();
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
