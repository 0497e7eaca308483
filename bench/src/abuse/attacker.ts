import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { FrameSocket } from '../frame-socket.ts';
import { type BenchUser } from '../generator/target.ts';
import { PayloadParser } from '../payload-parser.ts';
import { ThinClient } from '../thin-client.ts';
import { ask, askAgain, floodPackets, hold, pipeline } from './raw-attacks.ts';
import { done, forEver, often } from './repeat.ts';
import { ATTACKER_ADDRESS, type AttackJob, type AttackName, type AttackReport } from './job.ts';

const SOCKETS = 10;
const TURN = 50;
/** Bytes: more would only fill the memory of the attacker. */
const UNSENT = 1024 * 1024;
const IDLE = 1_200;
/** Milliseconds between two reports. */
const REPORT = 250;
/** Headers of a request that are almost as many as Node accepts. */
const HEADERS = Object.fromEntries(
  Array.from({ length: 150 }, (_, at) => [`x-header-${at}`, 'x'.repeat(80)]),
);
const TEXT = 'x'.repeat(9_000);
/** Takes long to parse, and is refused for its type. */
const LIST = Array.from({ length: 50_000 }, () => 0);
const parser = new PayloadParser();

function open(
  { url }: AttackJob,
  { token }: BenchUser,
  sync: 'heads' | 'plain' = 'heads',
): Promise<ThinClient> {
  // Without `sync`, a client is a plain one.
  const auth = sync === 'plain' ? { token } : { token, sync };
  return ThinClient.connect({ url, auth, events: {}, parser, localAddress: ATTACKER_ADDRESS });
}

/** Does something again and again until the server closes the connection. */
async function whileOpen(client: ThinClient, pause: number, act: () => void): Promise<void> {
  const end = new AbortController();
  void client.closed.then(() => end.abort());
  const { signal } = end;
  while (!signal.aborted) {
    act();
    await delay(pause);
  }
}

/** Sends an event as fast as the connection accepts it. */
function flood(job: AttackJob, name: string, payload: unknown): void {
  often(SOCKETS, async () => {
    const client = await open(job, job.attacker);
    await whileOpen(client, 1, () => {
      if (client.unsent > UNSENT) return;
      for (let at = 0; at < TURN; at += 1) client.call(name, payload, () => undefined);
      done.events += TURN;
    });
  });
}

function reconnect(job: AttackJob, sync: 'heads' | 'plain'): void {
  often(SOCKETS, async () => (await open(job, job.attacker, sync)).close());
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
  'plain-reconnects': (job) => reconnect(job, 'plain'),
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
      await whileOpen(client, 2_000, () => {
        for (const conversationId of job.groups.slice(0, 30)) {
          for (const typing of [true, false])
            client.call('typing', { conversationId, typing }, () => undefined);
        }
        done.events += 60;
      });
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
      await whileOpen(client, 100, () => {
        const conversationId = job.groups[0];
        const clientId = randomBytes(12).toString('hex');
        client.call('message:send', { conversationId, clientId, text: TEXT }, () => undefined);
        done.events += 1;
      });
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
  'web-requests'(job) {
    pipeline(job, ['/api/meta', '/socket.io/', '/no-such-page']);
    askAgain(job, '/api/conversations');
  },
  packets: (job) => floodPackets(job, ['3', '4399[]']),
  'large-events': (job) => flood(job, 'message:send', { text: LIST }),
};

function report(since: number): void {
  const seconds = (performance.now() - since) / 1_000;
  process.send?.({ events: done.events, seconds } satisfies AttackReport);
}

process.once('disconnect', () => process.exit(0));
process.once('message', (job) => {
  const given = job as AttackJob;
  ATTACKS_BY_NAME[given.attack](given);
  const since = performance.now();
  // Sent without a request for it: on a busy core, the answer could come too late.
  setInterval(() => report(since), REPORT);
});
process.send?.({ isReady: true });
