import { measureAttacks } from './abuse/run.ts';
import { measureCosts } from './costs/run.ts';
import { readOptions, USAGE, UsageError } from './options.ts';
import { describeProfile } from './profile.ts';
import { readProfile } from './profile-files.ts';
import { run } from './run.ts';
import { measureStoreForms } from './store-forms/run.ts';

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options.abuse !== undefined) return measureAttacks(options.abuse, options);
  if (options.costs) return measureCosts(options);
  const { storeForms } = options;
  if (storeForms !== undefined) return measureStoreForms({ ...options, forms: storeForms });
  if (options.summarise === undefined) return run(options);
  process.stdout.write(`${describeProfile(await readProfile(options.summarise))}\n`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
