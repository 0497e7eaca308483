import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { audit, ConfigError, closeLogger, createLogger } from '@parley/backend-common';
import { recordingLogger } from '@parley/backend-common/testing';

import { LogFile } from '../src/logging/log-file.ts';

const FULL_DISK = fileURLToPath(new URL('fixtures/full-disk.ts', import.meta.url));

describe('a logger', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parley-log-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('writes JSON lines to a file for its service and port, without secrets and message texts', async () => {
    const logger = createLogger({ service: 'toy', level: 'info', directory, port: 1234 });
    const secrets = {
      token: 'planted-1',
      body: { password: 'planted-2', newPassword: 'planted-3' },
      request: { headers: { authorization: 'planted-4', cookie: 'planted-5' } },
      message: { text: 'planted-6' },
      deep: { list: [{ of: { things: { token: 'planted-7' } } }] },
      uri: 'mongodb://parley:planted-8@db.example.org/parley',
      attempts: [Object.assign(new Error('Nested'), { op: { note: 'planted-12' } })],
      err: Object.assign(new Error('No answer from redis://:planted-9@cache/0'), {
        code: 11_000,
        writeErrors: [{ err: { op: { text: 'planted-10' } } }],
        cause: Object.assign(new Error('Refused'), { document: { text: 'planted-11' } }),
      }),
    };
    logger.info({ ...secrets, harmless: 'stays' }, 'Told\nin one line');
    logger.debug('below the level');
    await closeLogger(logger);
    const [name = ''] = (await readdir(directory)).filter((each) => !each.includes('audit'));
    const text = await readFile(join(directory, name), 'utf8');
    const lines = text.trim().split('\n');
    assert.equal(lines.length, 1);
    const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    assert.equal(line['service'], 'toy');
    assert.equal(line['server'], `${hostname()}:1234`);
    assert.equal(line['port'], 1234);
    assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(line['harmless'], 'stays');
    const { err } = line as { err: { type: string; code: number; cause: { message: string } } };
    assert.deepEqual([err.type, err.code, err.cause.message], ['Error', 11_000, 'Refused']);
    assert.equal(line['msg'], 'Told\nin one line');
    assert.doesNotMatch(text, /planted/);
    assert.match(name, /^toy-.*-1234\.log$/);
  });

  it('goes on writing to standard output when the disk is full, and says so once', async () => {
    const folder = join(directory, 'full');
    const node = [process.execPath, '--import', 'tsx', '--conditions=source', FULL_DISK, folder];
    // A limit on the size of files makes writing fail as a full disk does. Bash counts in 1024 bytes.
    const limited = ['-c', 'ulimit -f 4; exec "$@"', 'bash', ...node];
    const { stderr, stdout } = await promisify(execFile)('bash', limited);
    assert.match(stderr, /^The log file .*toy-.*-1234\.log cannot be written: EFBIG.*\n$/);
    const [name = ''] = (await readdir(folder)).filter((each) => !each.includes('audit'));
    const file = await readFile(join(folder, name), 'utf8');
    const lines = [
      ...file.slice(0, file.lastIndexOf('\n')).split('\n'),
      ...stdout.trim().split('\n'),
    ];
    const numbers = new Set(lines.map((line) => (JSON.parse(line) as { number: number }).number));
    assert.ok(numbers.size >= 99, 'only the line at which the disk was full may be cut in two');
  });

  it('writes to standard output after its file was closed', async () => {
    const lines: string[] = [];
    const warnings: string[] = [];
    const stdout = { write: (line: string) => lines.push(line) };
    const stderr = { write: (line: string) => warnings.push(line) };
    const logger = createLogger({
      ...{ service: 'toy', level: 'info', directory, port: 5678 },
      fallback: { stdout, stderr },
    });
    await closeLogger(logger);
    await closeLogger(logger);
    logger.info('A late line');
    assert.equal(lines.length, 1);
    assert.deepEqual(warnings, []);
  });

  it('carries the id of its server, in each line and in the name of its file', async () => {
    const folder = join(directory, 'named');
    const logger = createLogger({
      ...{ service: 'toy', level: 'info', directory: folder },
      ...{ serverId: 'chat-3', port: 80 },
    });
    logger.info('A line');
    await closeLogger(logger);
    const names = ['toy-chat-3-80.audit.log', 'toy-chat-3-80.log'];
    assert.deepEqual((await readdir(folder)).toSorted(), names);
    const line = JSON.parse(await readFile(join(folder, 'toy-chat-3-80.log'), 'utf8')) as object;
    assert.equal((line as { server: string }).server, 'chat-3');
  });

  it('has an audit log in a file of its own, whatever the level is', async () => {
    const folder = join(directory, 'audited');
    const logger = createLogger({ service: 'toy', level: 'error', directory: folder, port: 80 });
    audit(logger, { event: 'login', userId: 'ann', password: 'planted' }, 'A session was opened');
    logger.info('Not logged at this level');
    await closeLogger(logger);
    const texts = new Map<string, string>();
    for (const name of await readdir(folder)) {
      texts.set(
        name.includes('audit') ? 'audit' : 'other',
        await readFile(join(folder, name), 'utf8'),
      );
    }
    assert.equal(texts.get('other'), '');
    const line = JSON.parse(texts.get('audit') ?? '') as Record<string, unknown>;
    assert.deepEqual(
      [line['event'], line['userId'], line['stream'], line['service'], line['password']],
      ['login', 'ann', 'audit', 'toy', '[redacted]'],
    );
  });

  it('has an audit log that a logger without files shares, with a mark', () => {
    const { lines, logger } = recordingLogger();
    audit(logger, { event: 'login' }, 'A session was opened');
    assert.match(lines.join(''), /"stream":"audit","event":"login"/);
  });

  it('keeps 60 MB in files of 20 MB that have its name', async () => {
    const folder = join(directory, 'rotated');
    const name = 'toy-chat-3-80';
    const file = new LogFile({ directory: folder, name });
    const line = `${JSON.stringify({ padding: 'x'.repeat(60_000) })}\n`;
    const lines = Math.ceil((60 * 1024 * 1024) / line.length);
    for (let written = 0; written < lines; written += 1) {
      file.write(line);
      // The event loop gets its turn, as between the requests of a service.
      if (written % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await file.close();
    // Beside them is the list of rotated files, by which the oldest are removed.
    const names = (await readdir(folder)).filter((each) => each.endsWith('.log'));
    const sizes = await Promise.all(
      names.map(async (each) => (await stat(join(folder, each))).size),
    );
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      lines * line.length,
    );
    for (const each of names) assert.match(each, /^toy-chat-3-80(?:\.\d{8}T\d{4}-\d+)?\.log$/);
    assert.ok(names.length >= 3, names.join());
    for (const size of sizes) assert.ok(size <= 1.2 * 20 * 1024 * 1024, String(size));
  });

  it('runs on a folder that is full, and uses the file again a minute after there is room', async () => {
    const folder = join(directory, 'no room');
    await mkdir(folder);
    // A device that is always full stands in the place of the file.
    await symlink('/dev/full', join(folder, 'toy.log'));
    const [out, err]: [string[], string[]] = [[], []];
    let now = 0;
    const file = new LogFile({
      ...{ directory: folder, name: 'toy', monotonic: () => now },
      fallback: {
        stdout: { write: (line: string) => out.push(line) },
        stderr: { write: (line: string) => err.push(line) },
      },
    });
    while (file.isWritable) {
      file.write('lost\n');
      await new Promise((resolve) => setImmediate(resolve));
    }
    file.write('elsewhere\n');
    assert.equal(out.at(-1), 'elsewhere\n');
    assert.equal(err.length, 1, err.join());
    await rm(join(folder, 'toy.log'));
    file.write('not yet\n');
    assert.equal(file.isWritable, false);
    now += 60_000;
    file.write('back\n');
    assert.equal(file.isWritable, true);
    await file.close();
    assert.equal(await readFile(join(folder, 'toy.log'), 'utf8'), 'back\n');
    assert.equal(out.at(-1), 'not yet\n');
  });

  it('starts with a read-only folder, and logs to standard output', () => {
    const err: string[] = [];
    // Not even root can create a file there.
    const file = new LogFile({
      ...{ directory: '/sys/kernel', name: 'toy' },
      fallback: {
        stdout: { write: () => undefined },
        stderr: { write: (line: string) => err.push(line) },
      },
    });
    assert.equal(file.isWritable, false);
    assert.match(
      err.join(''),
      /^The log file \/sys\/kernel\/toy\.log cannot be written: E(?:ACCES|PERM|ROFS)/,
    );
  });

  it('cannot be created if its folder is not usable', async () => {
    const file = join(directory, 'no folder');
    await writeFile(file, '');
    assert.throws(
      () => createLogger({ service: 'toy', level: 'info', directory: file }),
      ConfigError,
    );
  });
});
