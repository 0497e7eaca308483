import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { locateValkey, startValkey } from '../src/engines/valkey.ts';
import { commandLine } from '../src/processes/process-identity.ts';
import { Watchdog } from '../src/processes/watchdog.ts';
import { locateContext } from './support/engines.ts';
import { withFolder } from './support/folder.ts';

function ask(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => socket.write(request));
    socket.once('error', reject);
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer.toString());
    });
  });
}

describe('an embedded Valkey', () => {
  it('answers after its start, and on the same port after a kill and another start', () =>
    withFolder(async (folder) => {
      const watchdog = new Watchdog(process.env);
      const { path } = await locateValkey(locateContext);
      const options = { path, folder, logFile: join(folder, 'log'), watchdog, env: process.env };
      const first = await startValkey(options);
      assert.equal(await ask(first.port, 'PING\r\n'), '+PONG\r\n');
      await first.child.kill();
      const second = await startValkey({ ...options, port: first.port });
      assert.equal(await ask(second.port, 'PING\r\n'), '+PONG\r\n');
      assert.deepEqual(await second.child.stop(10_000), { code: 0, signal: null });
      watchdog.close();
    }));

  it('with a password answers nobody else, and does not show it to other users of the machine', () =>
    withFolder(async (folder) => {
      const watchdog = new Watchdog(process.env);
      const { path } = await locateValkey(locateContext);
      const options = { path, folder, logFile: join(folder, 'log'), watchdog, env: process.env };
      const password = 'of-this-stack_alone';
      const { child, port, url } = await startValkey({ ...options, password });
      assert.equal(url, `redis://:${password}@127.0.0.1:${port}`);
      for (const request of ['PING', 'INFO', 'CONFIG GET requirepass', 'AUTH wrong']) {
        assert.match(await ask(port, `${request}\r\n`), /^-(NOAUTH|WRONGPASS) /);
      }
      assert.equal(await ask(port, `AUTH ${password}\r\n`), '+OK\r\n');
      assert.ok(!(await commandLine(child.pid)).join(' ').includes(password));
      const { mode } = await stat(join(folder, 'valkey.conf'));
      assert.equal(mode & 0o777, 0o600);
      assert.ok(!(await readFile(options.logFile, 'utf8')).includes(password));
      await child.stop(10_000);
      watchdog.close();
    }));
});
