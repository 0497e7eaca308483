import { fileURLToPath } from 'node:url';

import { buildReference } from './build-reference.ts';
import { formatDocuments, staleDocuments, writeDocuments } from './files.ts';

/** The repository's root. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const documents = await formatDocuments(ROOT);
if (process.argv.includes('--page')) {
  await buildReference();
} else if (process.argv.includes('--check')) {
  const stale = await staleDocuments(ROOT, documents);
  for (const path of stale) console.error(`${path} is out of date: run npm run docs`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  await writeDocuments(ROOT, documents);
  console.log([...documents.keys()].join('\n'));
}
