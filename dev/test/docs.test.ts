import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Parser } from '@asyncapi/parser';
import { ERRORS } from '@parley/common';
import { authOperations, entry, events, operations, type Operation } from '@parley/common/contract';
import { validate } from '@readme/openapi-parser';

import {
  formatDocuments,
  staleDocuments,
  writeDocuments,
  type DocumentFiles,
} from '../src/docs/files.ts';
import type { Schema } from '../src/docs/json-schema.ts';
import { withFolder } from './support/folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const declared: readonly Operation[] = [
  ...Object.values(authOperations),
  ...Object.values(operations),
];

/** Of the parser's severities, the last but information and hints; 0 is an error. */
const WARNING = 1;

const read = (path: string) => readFile(join(ROOT, path), 'utf8');

interface OpenApi {
  readonly paths: Record<string, Record<string, { responses: object; security?: unknown[] }>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

describe('the committed documents', () => {
  let documents: DocumentFiles;

  before(async () => {
    documents = await formatDocuments(ROOT);
  });

  it('are up to date with the contract', async () => {
    assert.deepEqual(await staleDocuments(ROOT, documents), [], 'npm run docs writes them');
  });

  it('are out of date if they differ or are missing', () =>
    withFolder(async (folder) => {
      const paths = ['docs/asyncapi.json', 'docs/openapi.json'];
      assert.deepEqual(await staleDocuments(folder, documents), paths);
      await writeDocuments(folder, documents);
      assert.deepEqual(await staleDocuments(folder, documents), []);
      await writeFile(join(folder, 'docs/openapi.json'), '{}');
      assert.deepEqual(await staleDocuments(folder, documents), ['docs/openapi.json']);
    }));
});

describe('docs/openapi.json', () => {
  let document: OpenApi;

  before(async () => {
    document = JSON.parse(await read('docs/openapi.json')) as OpenApi;
  });

  it('is an OpenAPI document', async () => {
    const copy = structuredClone(document) as unknown as Parameters<typeof validate>[0];
    const result = await validate(copy);
    assert.equal(result.valid, true, JSON.stringify(result));
  });

  it('has every HTTP operation with its method and path, and no other', () => {
    const served = declared.flatMap(({ http }) =>
      http === undefined
        ? []
        : [`${http.method} /api${http.path.replace(/:([A-Za-z]+)/g, '{$1}')}`],
    );
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    // The one request beside the contract: it redirects to what `attachment:url` answers.
    served.push('GET /api/attachments/{attachmentId}/content');
    assert.deepEqual(described.sort(), served.sort());
  });

  it('requires a session where the contract does', () => {
    for (const { http, name, public: isPublic } of declared) {
      if (http === undefined) continue;
      const path = document.paths[`/api${http.path.replace(/:([A-Za-z]+)/g, '{$1}')}`];
      const described = path?.[http.method.toLowerCase()];
      assert.deepEqual(described?.security, isPublic === true ? [] : undefined, name);
      assert.equal(
        '401' in (described?.responses ?? {}),
        isPublic !== true || name === 'auth:login',
      );
    }
  });

  it('has a schema for each noun, and every error code', () => {
    const { schemas } = document.components;
    for (const noun of [
      'Conversation',
      'Entry',
      'Message',
      'Member',
      'Receipt',
      'User',
      'Session',
    ]) {
      assert.ok(noun in schemas, noun);
    }
    const { 'x-extensible-enum': codes } = schemas['ErrorCode'] as Schema;
    assert.deepEqual(codes, Object.keys(ERRORS));
  });
});

describe('docs/asyncapi.json', () => {
  it('is an AsyncAPI document with every operation and event of a socket', async function () {
    // The parser takes seconds of a processor.
    this.timeout(300_000);
    const { diagnostics, document } = await new Parser().parse(await read('docs/asyncapi.json'));
    const faults = diagnostics.filter(({ severity }) => {
      const level: number = severity;
      return level <= WARNING;
    });
    assert.deepEqual(faults, []);
    const all = (document?.operations().all() ?? []).map((each) => ({
      action: each.action(),
      title: each.json<{ title: string }>().title,
      isAnswered: each.reply() !== undefined,
    }));
    const named = (action: string) =>
      all.filter((each) => each.action === action).map(({ title }) => title);
    assert.deepEqual(named('receive').sort(), ['connect', ...Object.keys(operations)].sort());
    assert.deepEqual(named('send').sort(), Object.keys(events).sort());
    for (const { action, isAnswered, title } of all) {
      assert.equal(isAnswered, action === 'receive' || title === 'sync:page', title);
    }
  });
});

describe('docs/protocol.md', () => {
  it('shows entries that the contract accepts as they are', async () => {
    const [, json = ''] = /```json\n([\s\S]*?)\n```/.exec(await read('docs/protocol.md')) ?? [];
    const entries = JSON.parse(json) as unknown[];
    assert.deepEqual(entry.array().parse(entries), entries);
  });

  it('names every operation and event', async () => {
    const text = await read('docs/protocol.md');
    for (const { http, name } of declared) {
      const requests = [`${http?.method} ${http?.path}\``, `${http?.method} ${http?.path}?`];
      const isThere = [`\`${name}\``, ...requests].some((words) => text.includes(words));
      assert.ok(isThere, `${name} is missing`);
    }
    for (const name of Object.keys(events)) assert.ok(text.includes(`\`${name}\``), name);
  });

  it('lists every error code with its status, and no other', async () => {
    const rows = (await read('docs/protocol.md')).matchAll(/^\| `([a-z_]+)` +\| (\d{3}) /gm);
    const listed = Object.fromEntries([...rows].map(([, code, status]) => [code, Number(status)]));
    const statuses = Object.entries(ERRORS).map(([code, { status }]) => [code, status]);
    assert.deepEqual(listed, Object.fromEntries(statuses));
  });
});

describe('docs/glossary.md', () => {
  let rows: readonly (readonly string[])[];

  before(async () => {
    const lines = (await read('docs/glossary.md')).split('\n');
    const cells = lines.filter((line) => line.startsWith('|')).slice(2);
    rows = cells.map((line) => line.split(' | ').map((cell) => cell.replace(/^\| *| *\|$/g, '')));
  });

  it('has each term once, in alphabetical order, with a meaning', () => {
    const terms = rows.map(([term = '']) => term.trim().replaceAll('`', '').toLowerCase());
    assert.ok(terms.length > 50);
    assert.deepEqual(terms, [...new Set(terms)].sort());
    for (const [term, meaning = ''] of rows) assert.match(meaning, /\.\s*$/, term);
  });

  it('names places that exist', async () => {
    for (const [term, , where = ''] of rows) {
      const [, place = ''] = /\]\(\.\.\/([^)]+)\)/.exec(where) ?? [];
      assert.notEqual(place, '', term);
      await assert.doesNotReject(stat(join(ROOT, place)), `${term}: ${place}`);
    }
  });
});

describe('docs/operations.md', () => {
  async function sources(workspaces: readonly string[], ending: string): Promise<string> {
    const texts = workspaces.map(async (workspace) => {
      const names = await readdir(join(ROOT, workspace, 'src'), { recursive: true });
      const fitting = names.filter((name) => name.endsWith(ending));
      return Promise.all(fitting.map((name) => read(join(workspace, 'src', name))));
    });
    return (await Promise.all(texts)).flat().join('\n');
  }
  const found = (text: string, pattern: RegExp) =>
    [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].sort();

  it('lists every metric, and no other', async () => {
    const code = await sources(['backend-common', 'auth', 'messaging', 'web'], '.ts');
    const text = await read('docs/operations.md');
    assert.deepEqual(found(text, /`(parley_[a-z_]+)`/g), found(code, /'(parley_[a-z_]+)'/g));
  });

  it('lists every variable that the services and the launcher read', async () => {
    const code = [
      await sources(['backend-common'], 'environment.ts'),
      await sources(['auth', 'messaging', 'web', 'dev'], 'config.ts'),
    ].join('\n');
    const text = await read('docs/operations.md');
    for (const name of found(code, /^ {2}([A-Z][A-Z_]+): /gm)) {
      assert.ok(text.includes(`\`${name}\``), `${name} is missing`);
    }
  });
});
