import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { register } from '../support/plain-client.ts';
import { testStack, type TestStack } from '../support/stack.ts';

const run = promisify(execFile);
const PACKAGES = ['python-socketio==5.13.0', 'websocket-client==1.8.0', 'requests==2.32.3'];

describe('a client in Python', () => {
  let parley: TestStack | undefined;
  let python = '';

  before(async () => {
    [python, parley] = await Promise.all([pythonWithSocketIo(), testStack()]);
  });

  after(() => parley?.close());

  it('talks with python-socketio, without a line of ours', async () => {
    const { origin } = parley!;
    const [ann, ben] = [await register(origin, 'Ann'), await register(origin, 'Ben')];
    const script = fileURLToPath(new URL('python_client.py', import.meta.url));
    const { stdout } = await run(python, [script, origin, ann.token, ben.token, ben.userId], {
      timeout: 60_000,
    });
    const texts = Array.from({ length: 20 }, (_, number) => `Grüße ${number} 🐍`);
    assert.deepEqual(JSON.parse(stdout), {
      contract: 1,
      headsBefore: 0,
      sent: texts,
      received: Array.from({ length: 21 }, (_, index) => index + 1),
      texts,
      readSeq: 21,
      refusal: 'invalid_input',
    });
  });
});

/** A Python of its own in the user's cache, made once. */
async function pythonWithSocketIo(): Promise<string> {
  const folder = join(homedir(), '.cache', 'parley', 'python-socketio-5.13.0');
  const python = join(folder, 'bin', 'python');
  const isThere = await access(join(folder, 'complete')).then(
    () => true,
    () => false,
  );
  if (isThere) return python;
  await mkdir(folder, { recursive: true });
  await run('python3', ['-m', 'venv', '--clear', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', ...PACKAGES], { timeout: 110_000 });
  await mkdir(join(folder, 'complete'));
  return python;
}
