import assert from 'node:assert/strict';

import { Clone } from '../support/docs/clone.ts';
import { commandDocuments, snippetsOf } from '../support/docs/documents.ts';
import { EXPECTATIONS, keyOf } from '../support/docs/expectations.ts';

const snippets = commandDocuments().flatMap(snippetsOf);
const keys = [...new Set(snippets.map(keyOf))];

describe('the commands and examples of the documents, in a fresh clone', () => {
  let clone: Clone | undefined;

  before(async () => {
    clone = await Clone.create();
  });

  after(() => clone?.close());

  it('have an expectation each, and no expectation is left without a command', () => {
    assert.deepEqual(keys.toSorted(), Object.keys(EXPECTATIONS).toSorted());
  });

  for (const [key, expectation] of Object.entries(EXPECTATIONS)) {
    const found = snippets.filter((snippet) => keyOf(snippet) === key);
    const texts = new Map(found.map((snippet) => [snippet.text, snippet]));
    for (const [text, snippet] of texts) {
      const where = [...new Set(found.map(({ document }) => document))].join(', ');
      it(`${where}: ${text.split('\n')[0] ?? ''}`, () => expectation(clone!, snippet));
    }
  }
});
