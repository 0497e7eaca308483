import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import {
  TAGS,
  authOperations,
  events,
  handshakeAuth,
  operations,
  username,
} from '@parley/common/contract';
import type { z } from 'zod';

import { buildReference } from '../src/docs/build-reference.ts';
import { readCatalogue } from '../src/docs/catalogue.ts';
import { createDocuments } from '../src/docs/documents.ts';
import { createReference, type ReferenceFiles } from '../src/docs/reference.ts';

const catalogue = readCatalogue();
const declared = { ...authOperations, ...operations };

describe('the descriptions of the contract', () => {
  it('cover every operation and event', () => {
    assert.deepEqual(
      catalogue.operations.map(({ name }) => name).sort(),
      Object.keys(declared).sort(),
    );
    assert.deepEqual(
      catalogue.events.map(({ name }) => name),
      Object.keys(events),
    );
  });

  it('are not blank, and summaries are one line without a full stop', () => {
    for (const { description, name, summary } of [...catalogue.operations, ...catalogue.events]) {
      assert.match(description, /\S/, name);
      assert.match(summary, /^\S.*[^.]$/, name);
    }
    for (const [name, schema] of Object.entries(catalogue.schemas)) {
      assert.match(schema.description ?? '', /\S/, name);
    }
  });

  it('use every tag', () => {
    const used = new Set(catalogue.operations.map(({ tag }) => tag));
    assert.deepEqual([...used].sort(), Object.keys(TAGS).sort());
  });

  for (const { example, name } of catalogue.operations) {
    it(`have an example of ${name} that the contract accepts as it is`, () => {
      const { input, output } = declared[name as keyof typeof declared];
      input.parse(example.input);
      assert.deepEqual((output as z.ZodType).parse(example.output), example.output);
    });
  }

  for (const { example, name } of [...catalogue.events, catalogue.handshake]) {
    it(`have an example of the event ${name} that the contract accepts as it is`, () => {
      const schema =
        name === 'connect' ? handshakeAuth : events[name as keyof typeof events].payload;
      assert.deepEqual((schema as z.ZodType).parse(example), example);
    });
  }

  it('give a schema the bounds of the contract, in code points', () => {
    const { Text: text = {}, Username: name = {} } = catalogue.schemas;
    assert.deepEqual([text.minLength, text.maxLength], [1, 10_000]);
    assert.deepEqual([name.minLength, name.maxLength], [3, 32]);
    const pattern = new RegExp(name.pattern ?? '');
    for (const given of ['ann', 'a.b', 'Ann-2', 'a', '.ann', 'ann.', 'änn', 'a'.repeat(33)]) {
      assert.equal(pattern.test(given), username.safeParse(given).success, given);
    }
  });

  it('allow unknown fields in answers, and not in requests', () => {
    for (const schema of Object.values(catalogue.schemas)) {
      assert.equal(schema.additionalProperties, undefined);
    }
    for (const { input } of catalogue.operations) {
      for (const variant of input.oneOf ?? [input]) {
        assert.equal(variant.additionalProperties, false);
      }
    }
  });
});

describe('the API reference', () => {
  let files: ReferenceFiles;

  before(async () => {
    files = await createReference();
  });

  it('has the documents for tools', () => {
    const documents = createDocuments();
    for (const name of ['openapi', 'asyncapi'] as const) {
      const file = JSON.parse(files.get(`${name}.json`) ?? '') as object;
      assert.deepEqual(file, JSON.parse(JSON.stringify(documents[name])));
    }
  });

  it('shows both transports', () => {
    const script = files.get('reference.js') ?? '';
    for (const { http, name } of catalogue.operations) {
      if (http === undefined) assert.ok(script.includes(`### ${name}\\n`), name);
    }
    for (const { name } of catalogue.events) assert.ok(script.includes(`### ${name}\\n`), name);
  });

  it('has a page without inline scripts and styles, which loads nothing from elsewhere', () => {
    const page = files.get('index.html') ?? '';
    assert.doesNotMatch(page, /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|https?:/);
    const loaded = [...page.matchAll(/ (?:href|src)="([^"]*)"/g)].map(([, target]) => target);
    assert.deepEqual(loaded.sort(), [
      '/docs/asyncapi.json',
      '/docs/openapi.json',
      '/docs/reference.js',
      '/docs/scalar.js',
      '/favicon.svg',
    ]);
  });

  it('has no script that generates code', () => {
    assert.doesNotMatch(files.get('scalar.js') ?? '', /new Function\(|[^.\w]eval\(/);
  });

  it('is written with compressed forms beside each file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-docs-'));
    try {
      await buildReference(folder);
      for (const [name, content] of files) {
        const read = (ending: string) => readFile(join(folder, name + ending));
        assert.equal((await read('')).toString(), content);
        assert.equal(brotliDecompressSync(await read('.br')).toString(), content);
        assert.equal(gunzipSync(await read('.gz')).toString(), content);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
