import assert from 'node:assert/strict';
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  objectStoreVariables,
  testMongoUri,
  testObjectStoreSettings,
  testRedisUrl,
} from '@parley/backend-common/testing';
import { readObjectStoreSettings, UPLOAD_RULES } from '@parley/backend-common';
import { entry } from '@parley/common/contract';
import type { StackDescription, WatchedProcess } from '@parley/dev';

import { type Clone } from './clone.ts';
import { composeServices } from '../compose/file.ts';
import { fetchWithin } from '../patience.ts';
import { ROOT, type Snippet } from './documents.ts';
import { assertSbom, type Sbom } from './sbom.ts';
import { DEFAULT_PORT, withoutPort, withPort } from './starts.ts';

/** Checks that a snippet does what its document promises. Expectations run in the order in which they stand. */
type Expectation = (clone: Clone, snippet: Snippet) => Promise<void>;

const SECRET = 'a secret of at least 32 bytes, for tests';

const partsOf = ({ parts }: StackDescription, kind: string) =>
  parts.filter((part) => part.kind === kind).length;

async function answersAPage(origin: string): Promise<void> {
  const response = await fetchWithin(origin, { headers: { accept: 'text/html' } });
  assert.equal(response.status, 200);
  assert.match(await response.text(), /<script /);
}

async function exampleOf(readme: string): Promise<string> {
  const markdown = await readFile(join(ROOT, readme), 'utf8');
  return /```js\n([\s\S]*?)```/.exec(markdown)?.[1] ?? '';
}

/** Registers a user, unless there is one of this name. */
async function registered(origin: string, username: string): Promise<void> {
  const { status } = await fetchWithin(`${origin}/api/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: 'a long enough secret' }),
  });
  assert.ok(status === 201 || status === 409, `${username}: ${status}`);
}

/** Runs README's example as a program of its own, with Ann and Ben registered. */
async function runExample(clone: Clone, origin: string): Promise<void> {
  for (const username of ['ann', 'ben']) await registered(origin, username);
  const example = await exampleOf('README.md');
  assert.match(example, new RegExp(`http://127\\.0\\.0\\.1:${DEFAULT_PORT}`));
  const program = example.replaceAll(`http://127.0.0.1:${DEFAULT_PORT}`, origin);
  await writeFile(join(clone.path, '.parley', 'example.mjs'), program);
  const typed = clone.type('node .parley/example.mjs');
  await typed.line(/ok: true/);
  assert.match(typed.output(), /Hello Ben/);
  clone.interrupt(typed);
  await typed.ended;
}

/** The command cannot be typed within a test, so `.ci/run` types exactly this, with a seed where it draws one. */
async function ciTypes(command: string): Promise<void> {
  const script = await readFile(join(ROOT, '.ci/run'), 'utf8');
  for (const part of command.split(' && ')) {
    const isThere = script
      .split('\n')
      .some(
        (line) =>
          /^(?:step|suite|begin) '[^']+' /.test(line) &&
          (line.endsWith(` ${part}`) || line.endsWith(` ${part} -- --seed "$seed"`)),
      );
    assert.ok(isThere, `.ci/run does not type ${part}`);
  }
}

const inCi: Expectation = (_, { text }) => ciTypes(text);

/** Fills the placeholders of a command, `NAME=…`, in. */
function filledIn(command: string, values: Readonly<Record<string, string | undefined>>): string {
  return command.replaceAll(/([A-Z][A-Z0-9_]*)=…/g, (_, name: string) => {
    const value = values[name];
    assert.ok(value !== undefined, `Nothing to put in for ${name}`);
    return `${name}='${value}'`;
  });
}

async function isBuilt(clone: Clone): Promise<void> {
  for (const path of ['auth', 'messaging', 'web'].map((name) => `${name}/dist/main.js`)) {
    await access(join(clone.path, path));
  }
  await access(join(clone.path, 'client-web/dist/index.html'));
}

/** Starts a service from its build, as operations.md says, on a database of its own. */
const aService: Expectation = async (clone, { text }) => {
  const typed = clone.type(text, {
    MONGODB_URI: testMongoUri(),
    PARLEY_SECRET: SECRET,
    PARLEY_AUTH_URL: 'http://127.0.0.1:1',
    PARLEY_MESSAGING_URL: 'http://127.0.0.1:1',
  });
  const line = await typed.line(/^listening on http:/);
  const url = line.replace('listening on ', '');
  assert.equal((await fetchWithin(`${url}/healthz`)).status, 200);
  clone.interrupt(typed);
  assert.deepEqual(await typed.ended, { code: 0, signal: null });
};

/** The variables of a deployment with the test's engines. */
function deployment(): Record<string, string> {
  return { MONGODB_URI: testMongoUri(), REDIS_URL: testRedisUrl(), PARLEY_SECRET: SECRET };
}

const doctor: Expectation = async (clone, { text }) => {
  const output = await clone.succeeds(text, deployment());
  assert.match(output, /^ok +redis-events: /m);
  assert.match(output, /^\d+ ok, \d+ warnings, 0 failures, \d+ skipped$/m);
  assert.ok(!output.includes(SECRET));
};

async function firstRound(clone: Clone, typed: WatchedProcess): Promise<void> {
  const line = await typed.line(/^round 1 /);
  clone.interrupt(typed);
  await typed.ended;
  assert.doesNotMatch(line, /FAULT/);
}

/** Settings of a messaging service, once the keys are added and the account is named. */
const settings: Expectation = (_, { text }) => {
  const lines = text.replaceAll('<account>', 'account').split('\n');
  const given = Object.fromEntries(lines.map((line) => line.split('=') as [string, string]));
  const keys = { S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'key' };
  const read = readObjectStoreSettings({ ...given, ...keys });
  assert.equal(read?.endpoint, given['S3_ENDPOINT']);
  assert.equal(read?.bucket, given['S3_BUCKET']);
  return Promise.resolve();
};

/** By language and text; of an example, by language and document. */
export const EXPECTATIONS: Readonly<Record<string, Expectation>> = {
  // First, because it installs the packages and nothing has been built yet.
  'command: npm ci && npm start': async (clone, { text }) => {
    const { origin } = await clone.starts.type(text, await withoutPort());
    await answersAPage(origin);
    await runExample(clone, origin);
    await clone.starts.interrupt();
  },
  'js: README.md': async (_, { text }) => {
    // It has been run with the start above.
    assert.equal(text, await exampleOf('README.md'));
  },
  'command: npm start': async ({ starts }, { text }) => {
    const { origin, stack } = await starts.type(text, await withPort());
    await answersAPage(origin);
    assert.equal(partsOf(stack, 'messaging'), 1);
  },
  'command: npm run admin -- user ben show': async (clone, { text }) => {
    const { origin } = await clone.starts.during('npm start');
    await registered(origin, 'ben');
    assert.match(await clone.succeeds(text), /"username": "ben"/);
  },
  'command: npm run admin -- stats': async (clone, { text }) => {
    await clone.starts.during('npm start');
    // The accounts of what was typed before are there too.
    assert.match(await clone.succeeds(text), /"accounts": \d+,/);
    await clone.starts.interrupt();
  },
  'command: npm start -- --nodes 3': async ({ starts }, { text }) => {
    for (const env of [await withoutPort(), await withPort()]) {
      const { origin, stack } = await starts.type(text, env);
      await answersAPage(origin);
      assert.equal(partsOf(stack, 'messaging'), 3);
      assert.equal(partsOf(stack, 'redis'), 1);
      assert.equal(new Set(stack.parts.map(({ pid }) => pid)).size, stack.parts.length);
      await starts.interrupt();
    }
  },
  'command: npx mocha messaging/test/log/append.test.ts': async (clone, { text }) => {
    const output = await clone.succeeds(text);
    assert.match(output, /^ +\d+ passing/m);
    assert.doesNotMatch(output, /^ +\d+ (?:failing|pending)/m);
  },
  'command: npm run docs': async (clone, { text }) => {
    await clone.succeeds(text);
    assert.equal(await clone.changes(), '');
  },
  'command: npm run bench': (clone, { text }) => firstRound(clone, clone.type(text)),
  'command: npm ci && npm run build': async (clone, { text }) => {
    // npm ci was typed with the first start.
    await clone.succeeds(text.replace('npm ci && ', ''));
    await isBuilt(clone);
    assert.equal(await clone.changes(), '');
  },
  'command: node auth/dist/main.js': aService,
  'command: node messaging/dist/main.js': aService,
  'command: node web/dist/main.js': aService,
  'command: npm run licenses': async (clone, { text }) => {
    assert.match(await clone.succeeds(text), /^[1-9]\d* packages, 0 not allowed$/m);
  },
  'command: npm run --silent sbom': async (clone, { text }) => {
    assertSbom(JSON.parse(await clone.succeeds(text)) as Sbom);
  },
  'command: npm start -- --nodes 3 --mongo 3': async ({ starts }, { text }) => {
    const { origin, stack } = await starts.type(text, await withPort());
    await answersAPage(origin);
    for (const kind of ['messaging', 'mongod']) assert.equal(partsOf(stack, kind), 3);
    assert.equal(new Set(stack.parts.map(({ pid }) => pid)).size, stack.parts.length);
  },
  'command: node auth/dist/command/main.js': async (clone, { text }) => {
    const { origin } = await clone.starts.during('npm start -- --nodes 3 --mongo 3');
    await registered(origin, 'ben');
    assert.match(await clone.succeeds(`${text} user ben show`), /"username": "ben"/);
    await clone.starts.interrupt();
  },
  'command: npm run doctor': doctor,
  'command: npm run doctor -- messaging': doctor,
  'command: npm run --silent doctor -- --json': async (clone, { text }) => {
    const report = JSON.parse(await clone.succeeds(text, deployment())) as { ok: boolean };
    assert.equal(report.ok, true);
  },
  'command: S3_ENDPOINT=… S3_BUCKET=… S3_ACCESS_KEY_ID=… S3_SECRET_ACCESS_KEY=… PARLEY_PUBLIC_ORIGIN=https://chat.example.org npm run bucket:setup':
    async (clone, { text }) => {
      const variables = objectStoreVariables(testObjectStoreSettings());
      const output = await clone.succeeds(filledIn(text, variables));
      assert.match(output, /https:\/\/chat\.example\.org and nobody else$/m);
    },
  'command: go install github.com/versity/versitygw/cmd/versitygw@v1.8.0': async (_, { text }) => {
    const script = await readFile(join(ROOT, '.ci/run'), 'utf8');
    assert.ok(script.includes(text), '.ci/run installs another one');
  },
  'command: ROOT_ACCESS_KEY=… ROOT_SECRET_KEY=… versitygw --port 127.0.0.1:7070 posix /srv/parley-files':
    async (_, { text }) => {
      // The tests on versitygw start it in this form, on another port and folder.
      const source = await readFile(join(ROOT, 'dev/src/testing/versitygw.ts'), 'utf8');
      assert.match(source, /\['--port', `127\.0\.0\.1:\$\{port\}`, 'posix', folder\]/);
      for (const name of ['ROOT_ACCESS_KEY', 'ROOT_SECRET_KEY']) {
        assert.ok(source.includes(name) && text.includes(name));
      }
    },
  'json: docs/object-stores.md': (_, { text }) => {
    const parsed = JSON.parse(text) as unknown;
    if (Array.isArray(parsed)) {
      assert.deepEqual(parsed, [
        {
          AllowedOrigins: ['https://chat.example.org'],
          AllowedMethods: UPLOAD_RULES.methods,
          AllowedHeaders: UPLOAD_RULES.headers,
          ExposeHeaders: UPLOAD_RULES.exposed,
          MaxAgeSeconds: UPLOAD_RULES.maxAgeSeconds,
        },
      ]);
    } else assert.match(text, /"Effect": "Allow"/);
    return Promise.resolve();
  },
  'json: docs/protocol.md': (_, { text }) => {
    // Entries of a log, as the contract has them.
    const entries = JSON.parse(text) as unknown[];
    assert.deepEqual(
      entries.map((each) => entry.parse(each)),
      entries,
    );
    assert.deepEqual(
      entries.map((each) => entry.parse(each).seq),
      entries.map((__, index) => index + 1),
    );
    return Promise.resolve();
  },
  'settings: docs/object-stores.md': settings,
  'command: node deploy/docker/create-secrets.js --self-signed localhost': async (
    clone,
    { text },
  ) => {
    assert.match(await clone.succeeds(text), /parley-secret was created/);
    for (const name of ['mongodb-uri', 'redis-url', 'fullchain.pem', 'privkey.pem']) {
      await access(join(clone.path, 'deploy/docker/secrets', name));
    }
    // What exists is kept, and Git sees none of it.
    assert.equal(await clone.succeeds(text), '');
    assert.equal(await clone.changes(), '');
  },
  'ini: docs/operations.md': async (_, { text }) => {
    // The variables that the compose file requires.
    const compose = await readFile(join(ROOT, 'docker-compose.yml'), 'utf8');
    const required = [...compose.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name);
    const given = [...text.matchAll(/^(\w+)=https:\/\/localhost(?::\d+)?$/gm)];
    assert.deepEqual(
      given.map(([, name = '']) => name).toSorted(),
      [...new Set(required)].toSorted(),
    );
  },
  'text: docs/operations.md': (_, { text }) => {
    // Docker is not there in a test; the services are those of the compose file.
    for (const line of text.trim().split('\n')) {
      assert.match(line, /^docker compose (?:up|ps|logs)(?: --[a-z]+)*(?: [a-z]+-?\d?)?$/);
      const service = / ([a-z]+-\d)$/.exec(line)?.[1];
      assert.ok(service === undefined || service in composeServices(), line);
    }
    return Promise.resolve();
  },
  'js: docs/operations.md': async (_, { text }) => {
    // `backup.test.ts` types it on a member that was restored.
    assert.match(text, /replSetReconfig/);
    await ciTypes('npm run test:cluster');
  },
  'command: .ci/run': async (clone) => {
    await clone.succeeds('bash -n .ci/run');
  },
  'command: npm ci': inCi,
  'command: npm test': inCi,
  'command: npm ci && npm test': inCi,
  'command: npm run test:browser': inCi,
  'command: npm run test:cluster': inCi,
  'command: npm run test:daily': inCi,
  'command: npm run test:docs': inCi,
  'command: npm run test:faults': inCi,
  'command: npm run test:strict-store': inCi,
  'command: promtool check rules deploy/prometheus/recording-rules.yml deploy/prometheus/alert-rules.yml':
    inCi,
  'command: promtool test rules deploy/prometheus/tests/alert-rules.test.yml': inCi,
  'command: npm run lint && npm run format:check && npm run typecheck': inCi,
};

/** The key of a snippet among the expectations. */
export function keyOf({ document, language, text }: Snippet): string {
  return `${language}: ${language === 'command' ? text : document}`;
}
