import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ConfigError, closeLogger, createLogger } from '@parley/backend-common';

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
    };
    logger.info({ ...secrets, harmless: 'stays' }, 'Told\nin one line');
    logger.debug('below the level');
    await closeLogger(logger);
    const [name = ''] = await readdir(directory);
    const text = await readFile(join(directory, name), 'utf8');
    const lines = text.trim().split('\n');
    assert.equal(lines.length, 1);
    const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    assert.equal(line['service'], 'toy');
    assert.equal(line['harmless'], 'stays');
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
    const [name = ''] = await readdir(folder);
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

  it('cannot be created if its folder is not usable', async () => {
    const file = join(directory, 'no folder');
    await writeFile(file, '');
    assert.throws(
      () => createLogger({ service: 'toy', level: 'info', directory: file }),
      ConfigError,
    );
  });
});
