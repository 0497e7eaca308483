import { createServer } from 'node:http';
import { connectRedis, runService, type RunningService } from '@parley/backend-common';
import { createAdapter } from '@socket.io/redis-adapter';
import { MongoClient } from 'mongodb';
import { Server, type Socket } from 'socket.io';

import { beBenchChild } from './bench-child.ts';
import { RelayStore } from './relay-store.ts';
import { HISTORY_PAGE, type RelayHistory, type RelayMessage } from './relay-protocol.ts';

/** The part in which the relays differ. */
interface Memory {
  keep(message: RelayMessage): Promise<void> | undefined;
  after(room: string, number: number): Promise<RelayHistory> | RelayHistory;
}

/** Stores nothing. The history, if it is needed, is an array in memory. */
class RoomArrays implements Memory {
  readonly #rooms = new Map<string, RelayMessage[]>();
  readonly #keeps: boolean;

  constructor(options: { keeps: boolean }) {
    this.#keeps = options.keeps;
  }

  keep(message: RelayMessage): undefined {
    if (!this.#keeps) return;
    const room = this.#rooms.get(message.to);
    if (room === undefined) this.#rooms.set(message.to, [message]);
    else room.push(message);
  }

  after(room: string, number: number): RelayHistory {
    const all = this.#rooms.get(room) ?? [];
    const messages = all.slice(number, number + HISTORY_PAGE);
    return { messages, hasMore: number + messages.length < all.length };
  }
}

function serve(socket: Socket, memory: Memory): void {
  const { token } = socket.handshake.auth as { token: string };
  void socket.join(token);
  socket.on('join', (room: string, ack: (answer: unknown) => void) => {
    void socket.join(room);
    ack({ ok: true });
  });
  socket.on('message', (message: RelayMessage, ack: (answer: { ok: boolean }) => void) => {
    const pass = (): void => {
      socket.to(message.to).emit('message', message);
      ack({ ok: true });
    };
    const kept = memory.keep(message);
    if (kept === undefined) pass();
    else kept.then(pass, () => ack({ ok: false }));
  });
  socket.on('history', (after: number, ack: (answer: RelayHistory) => void) => {
    void Promise.resolve(memory.after(token, after)).then(ack);
  });
}

async function open(): Promise<{ memory: Memory; close: () => Promise<void> }> {
  const uri = process.env['MONGODB_URI'];
  if (uri === undefined || uri === '') {
    const memory = new RoomArrays({ keeps: process.argv.includes('--history') });
    return { memory, close: () => Promise.resolve() };
  }
  const client = new MongoClient(uri, { maxPoolSize: 50 });
  const groupCommit = process.argv.includes('--group-commit');
  return { memory: await RelayStore.open(client, { groupCommit }), close: () => client.close() };
}

/** Connects to the other nodes through Redis, if there is one. */
async function connect(io: Server): Promise<() => void> {
  const url = process.env['REDIS_URL'];
  if (url === undefined || url === '') return () => undefined;
  const publisher = connectRedis({ url, name: 'relay' });
  const subscriber = connectRedis({ url, name: 'relay-subscriber' });
  await Promise.all([publisher.connect(), subscriber.connect()]);
  io.adapter(createAdapter(publisher, subscriber));
  return () => {
    publisher.disconnect();
    subscriber.disconnect();
  };
}

/**
 * The reference: Socket.IO with default settings, one room for each user. It forwards each message and acknowledges it.
 * With `MONGODB_URI`, each message is first inserted and journaled by a majority. With `REDIS_URL`, it is one of several
 * nodes.
 */
async function start(): Promise<RunningService> {
  const { memory, close } = await open();
  const http = createServer();
  const io = new Server(http, { transports: ['websocket'], serveClient: false });
  const disconnect = await connect(io);
  io.on('connection', (socket) => serve(socket, memory));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    metricsUrl: '',
    close: async () => {
      await io.close();
      disconnect();
      await close();
    },
  };
}

beBenchChild();
await runService(start);
