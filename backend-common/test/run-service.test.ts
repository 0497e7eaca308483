import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const FIXTURE = fileURLToPath(new URL('fixtures/service.ts', import.meta.url));

function start(fate: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=source', FIXTURE, fate], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  child.stdout?.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (output += data.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
  return { child, ended };
}

describe('a service that runs as a process', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`prints its address and exits with 0 on ${signal}`, async () => {
      const { child, ended } = start('good');
      const [message] = await once(child, 'message');
      assert.deepEqual(message, {
        url: 'http://127.0.0.1:1',
        metricsUrl: 'http://127.0.0.1:2/metrics',
      });
      child.kill(signal);
      const { code, output } = await ended;
      assert.equal(code, 0);
      assert.match(output, /listening on http:\/\/127\.0\.0\.1:1/);
    });
  }

  it('exits with 2 if it cannot close', async () => {
    const { child, ended } = start('broken');
    await once(child, 'message');
    child.kill('SIGTERM');
    assert.equal((await ended).code, 2);
  });

  it('exits with 1 and explains what is wrong with the configuration', async () => {
    const { ended } = start('misconfigured');
    const { code, output } = await ended;
    assert.equal(code, 1);
    assert.equal(output, 'The configuration is not usable:\n  PORT: bad\n');
  });
});
