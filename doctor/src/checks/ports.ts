import { createServer } from 'node:net';
import { SECOND } from '@parley/common';

import { failure, ok, type Check } from '../finding.ts';

const VARIABLES = ['PORT', 'METRICS_PORT'] as const;
const PATIENCE = 3 * SECOND;

/** What listens on a port; the code of the error if the port cannot be used at all. */
type Holder = 'nobody' | 'parley' | 'another' | { readonly code: string };

export const ports: Check = {
  name: 'ports',
  async run({ deployment: { settings } }) {
    const { HOST: host = '127.0.0.1' } = settings;
    const fixed = VARIABLES.map((name) => ({ name, port: settings[name] ?? 0 })).filter(
      ({ port }) => port !== 0,
    );
    if (fixed.length === 0) return ok('No port is set, so the services choose free ones.');
    if (fixed.length === 2 && fixed[0]?.port === fixed[1]?.port) {
      return failure('PORT and METRICS_PORT are the same.', 'Give METRICS_PORT another value.');
    }
    const held = await Promise.all(
      fixed.map(async ({ name, port }) => ({ name, port, holder: await holderOf(host, port) })),
    );
    const taken = held.filter(({ holder }) => holder === 'another');
    if (taken.length > 0) {
      return failure(
        taken
          .map(({ name, port }) => `${name} ${port} on ${host} is held by another program.`)
          .join('\n'),
        'Stop what listens there (ss --listening --tcp --processes shows it), or choose another port.',
      );
    }
    for (const { holder, name, port } of held) {
      if (typeof holder === 'object') {
        return failure(
          `${name} ${port} on ${host} cannot be used (${holder.code}).`,
          adviceFor(holder.code),
        );
      }
    }
    const states = held.map(
      ({ holder, name, port }) =>
        `${name} ${port} is ${holder === 'nobody' ? 'free' : 'held by a service of Parley'}`,
    );
    return ok(`${states.join('; ')}.`);
  },
};

function adviceFor(code: string): string {
  if (code === 'EACCES') return 'Choose a port above 1023, or let this user listen on lower ones.';
  return 'Set HOST to an address of this machine, or to 0.0.0.0 for all.';
}

async function holderOf(host: string, port: number): Promise<Holder> {
  const code = await tryToListen(host, port);
  if (code === undefined) return 'nobody';
  if (code !== 'EADDRINUSE') return { code };
  return (await isOurs(host, port)) ? 'parley' : 'another';
}

function tryToListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    // A client may connect at once, and the server closes only when all connections are closed.
    const server = createServer((socket) => socket.destroy());
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown error'));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

/** Whether a service of Parley listens there, judged by its answer to `/healthz` or `/metrics`. */
async function isOurs(host: string, port: number): Promise<boolean> {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const base = `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
  const [health, metrics] = await Promise.all([read(`${base}/healthz`), read(`${base}/metrics`)]);
  return health === '{"ok":true}' || /^parley_build_info\b/m.test(metrics);
}

async function read(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
    return await answer.text();
  } catch {
    return '';
  }
}
