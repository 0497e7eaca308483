import { writeFile } from 'node:fs/promises';

import { confusablesTable } from './confusables-table.ts';

/** Writes the tables that are made of Unicode's data. */
const target = new URL('../../../common/src/lookalikes/confusables.ts', import.meta.url);
await writeFile(target, confusablesTable());
