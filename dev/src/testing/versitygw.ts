import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ObjectStoreSettings } from '@parley/backend-common';
import { freePort } from '../engines/ports.ts';
import { systemEnvironment } from '../processes/child-environment.ts';

/** A gateway that runs. */
export interface Versitygw {
  readonly url: string;
  stop(): Promise<void>;
}

const PATIENCE_MS = 15_000;

/** Starts `versitygw` (`PARLEY_VERSITYGW`, else on PATH) on a folder. @throws when there is none */
export async function startVersitygw(
  folder: string,
  keys: ObjectStoreSettings['secret'],
): Promise<Versitygw> {
  const port = await freePort();
  const command = process.env['PARLEY_VERSITYGW'] ?? 'versitygw';
  const child = spawn(command, ['--port', `127.0.0.1:${port}`, 'posix', folder], {
    stdio: 'ignore',
    env: {
      ...systemEnvironment(process.env),
      ROOT_ACCESS_KEY: keys.accessKeyId,
      ROOT_SECRET_KEY: keys.secretAccessKey,
    },
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code) => resolve(`exit ${String(code)}`));
  });
  const url = `http://127.0.0.1:${port}`;
  const given = new AbortController();
  const outcome = await Promise.race([ended, untilAnswers(url, given.signal)]);
  given.abort();
  if (outcome !== undefined) {
    child.kill('SIGKILL');
    throw new Error(`versitygw did not start (${outcome}): go install it, or set PARLEY_VERSITYGW`);
  }
  return {
    url,
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Undefined once it answers; the reason where it does not in time. */
async function untilAnswers(url: string, givenUp: AbortSignal): Promise<string | undefined> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline && !givenUp.aborted) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answered) return undefined;
    await delay(50);
  }
  return 'no answer in time';
}
