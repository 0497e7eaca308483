import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { FrameSocket } from '../frame-socket.ts';
import { type BenchUser } from '../generator/target.ts';
import { PayloadParser } from '../payload-parser.ts';
import { ThinClient } from '../thin-client.ts';
import { ATTACKER_ADDRESS, type AttackJob, type AttackName } from './job.ts';

const SOCKETS = 10;
const TURN = 50;
/** Bytes: more would only fill the memory of the attacker. */
const UNSENT = 1024 * 1024;
const HELD = 1_000;
const IDLE = 1_200;
/** Headers of a request that are almost as many as Node accepts. */
const HEADERS = Object.fromEntries(
  Array.from({ length: 150 }, (_, at) => [`x-header-${at}`, 'x'.repeat(80)]),
);
const TEXT = 'x'.repeat(9_000);
const parser = new PayloadParser();

function open(
  { url }: AttackJob,
  { token }: BenchUser,
  sync: 'heads' | 'plain' = 'heads',
): Promise<ThinClient> {
  const auth = sync === 'plain' ? { token } : { token, sync };
  return ThinClient.connect({ url, auth, events: {}, parser, localAddress: ATTACKER_ADDRESS });
}

/** Connections begun and events sent. */
const done = { events: 0 };

/** Repeats an attack for ever, even if the server refuses it or closes the connection. */
async function forEver(act: () => Promise<unknown>): Promise<never> {
  for (;;) {
    done.events += 1;
    await act().catch(() => undefined);
    await delay(1);
  }
}

function often(count: number, act: () => Promise<unknown>): void {
  for (let at = 0; at < count; at += 1) void forEver(act);
}

/** Sends an event as fast as the connection accepts it. */
function flood(job: AttackJob, name: string, payload: unknown): void {
  often(SOCKETS, async () => {
    const client = await open(job, job.attacker);
    const end = new AbortController();
    void client.closed.then(() => end.abort());
    const { signal } = end;
    while (!signal.aborted) {
      if (client.unsent <= UNSENT) {
        for (let at = 0; at < TURN; at += 1) client.call(name, payload, () => undefined);
        done.events += TURN;
      }
      await delay(1);
    }
  });
}

function reconnect(job: AttackJob, sync: 'heads' | undefined): void {
  often(SOCKETS, async () => (await open(job, job.attacker, sync)).close());
}

/** Connections that send `head`, and then a byte every second. */
function hold({ url }: AttackJob, head: string): void {
  const { hostname, port } = new URL(url);
  often(HELD, async () => {
    const socket = connect({ host: hostname, port: Number(port), localAddress: ATTACKER_ADDRESS });
    socket.on('error', () => undefined);
    const end = new Promise((resolve) => socket.once('close', resolve));
    socket.write(head);
    const dripping = setInterval(() => socket.write('x'), 1_000);
    await end;
    clearInterval(dripping);
  });
}

interface Sent {
  readonly path: string;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends a request on a connection of its own, and reads the answer. */
function ask({ url }: AttackJob, { body, headers, path }: Sent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, {
      ...{ method: body === undefined ? 'GET' : 'POST', headers },
      ...{ agent: false, localAddress: ATTACKER_ADDRESS },
    });
    sent.on('error', reject);
    sent.on('response', (answer) => answer.resume().on('close', resolve));
    sent.end(body);
  });
}

const ATTACKS_BY_NAME: Readonly<Record<AttackName, (job: AttackJob) => void>> = {
  'unknown-events': (job) => flood(job, 'no:such:event', {}),
  'refused-events': (job) => flood(job, 'message:send', { text: 1 }),
  connects({ url }) {
    often(TURN, async () => {
      await new Promise<void>((resolve) => {
        const socket = new FrameSocket({
          url: `${url}/socket.io/?EIO=4&transport=websocket`,
          localAddress: ATTACKER_ADDRESS,
          onText: () => {
            for (let at = 0; at < TURN; at += 1)
              socket.send(`40${JSON.stringify({ token: randomBytes(32).toString('base64url') })}`);
          },
          onClose: () => resolve(),
        });
      });
    });
  },
  reconnects: (job) => reconnect(job, 'heads'),
  'plain-reconnects': (job) => reconnect(job, undefined),
  presence(job) {
    const userIds = job.accomplices.map(({ id }) => id).slice(0, 200);
    flood(job, 'presence:watch', { userIds });
  },
  typing(job) {
    for (const accomplice of job.accomplices.slice(0, 20)) {
      void open(job, accomplice).then((client) => client.request('sync', {}));
    }
    often(SOCKETS, async () => {
      const client = await open(job, job.attacker);
      for (;;) {
        for (const conversationId of job.groups.slice(0, 30)) {
          for (const typing of [true, false])
            client.call('typing', { conversationId, typing }, () => undefined);
        }
        done.events += 60;
        await delay(2_000);
      }
    });
  },
  'slow-readers'(job) {
    for (const accomplice of job.accomplices.slice(0, 20)) {
      void forEver(async () => {
        const client = await open(job, accomplice);
        await client.request('sync', {});
        client.stopReading();
        await client.closed;
      });
    }
    often(1, async () => {
      const client = await open(job, job.attacker);
      for (;;) {
        const conversationId = job.groups[0];
        const clientId = randomBytes(12).toString('hex');
        client.call('message:send', { conversationId, clientId, text: TEXT }, () => undefined);
        await delay(100);
      }
    });
  },
  'slow-heads': (job) => hold(job, 'GET /api/meta HTTP/1.1\r\nHost: x\r\nX-Slow: '),
  'half-open-uploads': (job) =>
    hold(
      job,
      'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{',
    ),
  'log-ins': (job) =>
    often(TURN, () =>
      ask(job, {
        path: '/auth/login',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          username: `u-${randomBytes(8).toString('hex')}`,
          password: randomBytes(12).toString('hex'),
        }),
      }),
    ),
  'web-connections'(job) {
    const { hostname, port } = new URL(job.url);
    often(IDLE, async () => {
      const socket = connect({
        ...{ host: hostname, port: Number(port), localAddress: ATTACKER_ADDRESS },
      });
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.once('close', resolve));
    });
    often(TURN, () => ask(job, { path: '/api/meta', headers: HEADERS }));
  },
};

process.once('disconnect', () => process.exit(0));
process.once('message', (job) => {
  const given = job as AttackJob;
  ATTACKS_BY_NAME[given.attack](given);
  process.on('message', () => process.send?.(done));
});
process.send?.({ isReady: true });
