import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { skeleton } from '@parley/common/lookalikes';

import { confusables, confusablesTable } from '../src/unicode/confusables-table.ts';

describe('The table of confusable characters', () => {
  it('is the one that the script writes', async () => {
    const path = new URL('../../common/src/lookalikes/confusables.ts', import.meta.url);
    assert.equal(await readFile(path, 'utf8'), confusablesTable());
  });

  it('has each character of Unicode’s data', () => {
    const entries = Object.entries(confusables());
    assert.ok(entries.length > 6_000);
    for (const [source, shape] of entries) {
      if (source.normalize('NFD') !== source || skeleton(source) === '') continue;
      assert.equal(skeleton(source), shape.normalize('NFD'), source);
    }
  });
});
