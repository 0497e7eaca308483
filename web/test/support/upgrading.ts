import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { StandIn } from './stand-in.ts';
import type { WebUnderTest } from './web-under-test.ts';

/** What a browser sends to open a WebSocket. */
export const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/** How a node agrees. */
export const AGREED =
  'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n';

/** A handshake as bytes. */
export function handshake(path = '/socket.io/'): string {
  const headers = Object.entries({ host: 'x', ...HANDSHAKE });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** A connection that says what no browser says. */
export async function rawConnection(port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text, 'latin1');
  return socket;
}

/** What a connection says until it has said `text` or ends. */
export async function saidUntil(socket: Socket, text: string): Promise<string> {
  let said = '';
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    said += chunk.toString();
    if (said.includes(text)) break;
  }
  return said;
}

/** Decides what a node does with upgrades. */
export function onUpgrade(node: StandIn, behave: (socket: Duplex, head: Buffer) => void): void {
  node.server.on('upgrade', (_request, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined);
    behave(socket, head);
  });
}

/** Lets a node agree to every upgrade and say `text`. */
export function agrees(node: StandIn, text: string): void {
  onUpgrade(node, (socket) => {
    socket.write(AGREED + text);
    socket.on('end', () => socket.end());
    socket.resume();
  });
}

/** Resolves when the service carries no WebSocket any more. */
export async function noTunnelsOpen(web: WebUnderTest): Promise<void> {
  while ((await openTunnels(web)) > 0) await new Promise((resolve) => setImmediate(resolve));
}

/** How many WebSockets the service carries. */
export async function openTunnels(web: WebUnderTest): Promise<number> {
  return Number(/^parley_web_tunnels\{.*\} (\d+)$/m.exec(await web.metrics())?.[1] ?? 0);
}
