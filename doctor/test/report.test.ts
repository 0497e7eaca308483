import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { readDeployment } from '../src/config.ts';
import { createContext, SYSTEM } from '../src/context.ts';
import { ok, type Check } from '../src/finding.ts';
import { asJson, asText } from '../src/report.ts';
import { runChecks, type NamedFinding } from '../src/run-checks.ts';
import { assertFound, examined, SECRET } from './support/examined.ts';
import { freePort } from './support/free-port.ts';

async function runDoctor(args: readonly string[], env: Readonly<Record<string, string>>) {
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  const { PATH, HOME } = process.env;
  const node = ['--import', 'tsx', '--conditions=source', main, ...args];
  const child = spawn(process.execPath, node, {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, complaint] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code: child.exitCode, output, complaint };
}

describe('the report of the doctor', () => {
  it('contains every check, even if others fail or hang', async () => {
    const checks: Check[] = [
      { name: 'hangs', run: () => new Promise(() => undefined) },
      {
        name: 'throws',
        run() {
          throw new Error('out of order');
        },
      },
      { name: 'works', run: () => ok('Fine.') },
    ];
    const { close, context } = createContext(readDeployment({}, []), SYSTEM);
    const findings = await runChecks(checks, context, { hide: (shown) => shown, patience: 20 });
    await close();
    assert.deepEqual(
      findings.map(({ check, status }) => [check, status]),
      [
        ['hangs', 'failure'],
        ['throws', 'failure'],
        ['works', 'ok'],
      ],
    );
    assert.match(findings[0]!.message, /No answer within/);
    assert.match(findings[1]!.message, /out of order/);
  });

  it('shows how to mend each failure, and counts the findings of each status', () => {
    const findings: NamedFinding[] = [
      { check: 'a', status: 'ok', message: 'Fine.' },
      { check: 'b', status: 'failure', message: 'One.\nTwo.', mend: 'Do this.' },
    ];
    assert.equal(
      asText(findings),
      [
        'ok       a: Fine.',
        'FAILURE  b: One.',
        '         Two.',
        '         → Do this.',
        '',
        '1 ok, 0 warnings, 1 failures, 0 skipped',
      ].join('\n'),
    );
  });

  it('names every variable that the services would refuse, and still checks the others', async () => {
    const found = await examined({
      PARLEY_SECRET: 'short',
      PARLEY_PUSH_AFTER: 'soon',
      S3_BUCKET: 'files',
      PARLEY_TRUSTED_PROXIES: '0.0.0.0/0',
    });
    assertFound(found, 'configuration', {
      status: 'failure',
      message: /auth: [^]*MONGODB_URI[^]*PARLEY_SECRET[^]*messaging: [^]*PARLEY_PUSH_AFTER/,
    });
    assertFound(found, 'trusted-proxies', { status: 'failure' });
  });

  it('checks the configuration of web if its variables are set or it is named', async () => {
    const env = { MONGODB_URI: 'mongodb://127.0.0.1:1' };
    const alone = await examined(env);
    assertFound(alone, 'configuration', { status: 'ok', message: /auth, messaging\.$/ });
    const named = await examined(env, { services: ['web'] });
    assertFound(named, 'configuration', { status: 'failure', message: /PARLEY_MESSAGING_URL/ });
    const given = await examined({ ...env, PARLEY_MESSAGING_URL: 'http://127.0.0.1:1' });
    assertFound(given, 'configuration', { status: 'failure', message: /PARLEY_AUTH_URL/ });
  });

  it('contains no secret, whatever fails', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-doctor-'));
    const port = await freePort();
    const planted = ['hunter2-mongo', 'p%40ss-word', 'p@ss-word', 'planted-s3-key', 'planted-id'];
    const fromFile = 'planted in a file of 32 bytes or more';
    await writeFile(join(folder, 'secret'), `${fromFile}\n`);
    const outcomes = await Promise.all([
      examined({
        MONGODB_URI: `mongodb://parley:hunter2-mongo@127.0.0.1:${port}/parley`,
        REDIS_URL: `redis://parley:p%40ss-word@127.0.0.1:${port}`,
        PARLEY_SECRET: undefined,
        PARLEY_SECRET_FILE: join(folder, 'secret'),
        S3_ENDPOINT: `http://127.0.0.1:${port}`,
        S3_BUCKET: 'files',
        S3_ACCESS_KEY_ID: 'planted-id',
        S3_SECRET_ACCESS_KEY: 'planted-s3-key',
      }),
      // Values that are not usable are not repeated either.
      examined({
        MONGODB_URI: 'mongodb://parley:hunter2-mongo@:::/parley',
        REDIS_URL: 'redis://:p%40ss-word@[',
        S3_ENDPOINT: 'https://planted-id:planted-s3-key@store',
        PARLEY_PUBLIC_ORIGIN: 'https://parley:hunter2-mongo@example.org',
      }),
    ]);
    await rm(folder, { recursive: true });
    for (const found of outcomes) {
      const findings = [...found.values()];
      assertFound(found, 'mongodb', { status: 'failure' });
      assertFound(found, 'redis', { status: 'failure' });
      for (const shown of [asText(findings), asJson(findings)]) {
        const leaked = [...planted, fromFile, SECRET].filter((secret) => shown.includes(secret));
        assert.deepEqual(leaked, []);
      }
    }
  });
});

describe('npm run doctor', function () {
  this.timeout(120_000);

  it('ends with 1 and one line of JSON for machines if something has failed', async () => {
    const { code, complaint, output } = await runDoctor(['messaging', '--json'], {
      PARLEY_SECRET: SECRET,
    });
    assert.deepEqual([code, complaint], [1, '']);
    const report = JSON.parse(output) as { findings: NamedFinding[] };
    const failed = report.findings.filter(({ status }) => status === 'failure');
    assert.match(output, /^\{"ok":false,"count":\{[^}]*"failure":1[^}]*\},"findings":.*\}\n$/);
    assert.deepEqual(
      failed.map(({ check }) => check),
      ['configuration'],
    );
  });

  it('ends with 2 and its usage if its arguments are wrong', async () => {
    const { code, complaint } = await runDoctor(['surgery'], {});
    assert.equal(code, 2);
    assert.match(complaint, /^Usage: npm run doctor/);
  });
});
