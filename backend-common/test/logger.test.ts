import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeLogger, createLogger } from '@parley/backend-common';

describe('a logger', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parley-log-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('writes JSON lines into a file of its service and port, without secrets and texts', async () => {
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
});
