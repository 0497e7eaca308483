import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ConfigError, Metrics, startService, type StartOptions } from '@parley/backend-common';
import { silentLogger } from '@parley/backend-common/testing';

const config = {
  ...{ host: '127.0.0.1', port: 0, metricsPort: 0 },
  ...{ rateLimits: true, trustedProxies: [], logLevel: 'info', logDirectory: undefined },
};

/** A service that answers `ok`, and what it did. */
function toyService(overrides: Partial<StartOptions> = {}) {
  const events: string[] = [];
  const options: StartOptions = {
    name: 'toy',
    config,
    logger: silentLogger(),
    build({ logger, resources }) {
      resources.defer('database', () => events.push('database closed'));
      resources.defer('last words', () => logger.info('The database is about to close'));
      const server = createServer((_, response) => response.end('ok'));
      server.on('close', () => events.push('server closed'));
      const drain = () => void events.push('drained');
      return Promise.resolve({ server, metrics: new Metrics('toy'), drain });
    },
    ...overrides,
  };
  return { events, options };
}

describe('a service that starts', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parley-start-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('answers requests and serves its metrics', async () => {
    const service = await startService(toyService().options);
    try {
      assert.equal(await (await fetch(service.url)).text(), 'ok');
      assert.equal((await fetch(service.metricsUrl)).status, 200);
    } finally {
      await service.close();
    }
    await assert.rejects(fetch(service.url));
    await assert.rejects(fetch(service.metricsUrl));
  });

  for (const [what, change, most] of [
    ['1,500 of 2,000 idle connections of one address', {}, 1_500],
    ['all of them from a trusted proxy', { trustedProxies: ['127.0.0.2'] }, 2_000],
    ['all of them if rate limits are off', { rateLimits: false }, 2_000],
  ] as const) {
    it(`keeps ${what}, and serves others`, async () => {
      const service = await startService(toyService({ config: { ...config, ...change } }).options);
      const at = { host: '127.0.0.1', port: Number(new URL(service.url).port) };
      const sockets: Socket[] = [];
      let closed = 0;
      try {
        while (sockets.length < 2_000) {
          const batch = Array.from({ length: 100 }, () => {
            const socket = connect({ ...at, localAddress: '127.0.0.2' });
            socket.on('error', () => undefined);
            socket.on('close', () => (closed += 1));
            sockets.push(socket);
            return new Promise<void>((resolve) => {
              socket.once('connect', resolve);
              socket.once('close', () => resolve());
            });
          });
          await Promise.all(batch);
        }
        while (closed < 2_000 - most) await new Promise((resolve) => setImmediate(resolve));
        const [answer] = (await once(
          get({ ...at, localAddress: '127.0.0.3', agent: false }),
          'response',
        )) as [IncomingMessage];
        assert.equal(await text(answer), 'ok');
        assert.equal(closed, 2_000 - most);
      } finally {
        for (const socket of sockets) socket.destroy();
        await service.close();
      }
    });
  }

  it('drains, closes its server, and then closes what it opened', async () => {
    const { events, options } = toyService();
    const service = await startService(options);
    await service.close();
    await service.close();
    assert.deepEqual(events, ['drained', 'server closed', 'database closed']);
  });

  it('closes what it opened if it cannot be built', async () => {
    const { events, options } = toyService();
    const build: StartOptions['build'] = async (infrastructure) => {
      await options.build(infrastructure);
      throw new Error('no database');
    };
    await assert.rejects(startService({ ...options, build }), /no database/);
    assert.deepEqual(events, ['database closed']);
  });

  it('closes what it opened if its port is in use', async () => {
    const first = await startService(toyService().options);
    try {
      const { events, options } = toyService();
      const port = Number(new URL(first.url).port);
      await assert.rejects(startService({ ...options, config: { ...config, port } }), {
        code: 'EADDRINUSE',
      });
      assert.deepEqual(events, ['database closed']);
    } finally {
      await first.close();
    }
  });

  it('writes its whole log to a file, including the last line', async () => {
    const logDirectory = join(directory, 'new', 'folder');
    const { options } = toyService({ config: { ...config, logDirectory }, logger: undefined });
    const service = await startService(options);
    await service.close();
    const names = await readdir(logDirectory);
    const name = names.find((each) => !each.includes('.audit.')) ?? '';
    const lines = (await readFile(join(logDirectory, name), 'utf8')).trim().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
      ['The service is ready', 'The database is about to close'],
    );
  });

  it('does not start if its log file is not writable', async () => {
    const file = join(directory, 'a file');
    await writeFile(file, '');
    const impossible = { ...config, logDirectory: join(file, 'logs') };
    const { options } = toyService({ config: impossible, logger: undefined });
    await assert.rejects(
      startService(options),
      (error) => error instanceof ConfigError && /PARLEY_LOG_DIR: /.test(error.message),
    );
  });
});
