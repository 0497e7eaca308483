/* eslint-disable @typescript-eslint/no-explicit-any -- answers are read here as a program without our types reads them */
import type { Agent } from 'node:https';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';

import { fetchWithin } from './patience.ts';

/** An entry as it comes over the wire. */
export interface WireEntry {
  id: string;
  conversationId: string;
  seq: number;
  kind: string;
  senderId: string;
  clientId: string;
  text?: string | null;
}

/** A registered user, with one session. */
export interface Account {
  userId: string;
  username: string;
  token: string;
  sessionId: string;
}

/** An origin, and how to connect to it. */
export interface Place extends Omit<Partial<ManagerOptions & SocketOptions>, 'agent'> {
  readonly origin: string;
  /** Makes the connections. */
  readonly agent?: Agent;
}

interface Answer {
  status: number;
  body: Record<string, any>;
}

const PASSWORD = 'a long enough secret';

let count = 0;

/** Calls the public API over HTTP as any program would. */
export async function call(
  origin: string,
  request: { method?: string; path: string; token?: string; body?: unknown },
): Promise<Answer> {
  const { body, method = 'GET', path, token } = request;
  const response = await fetchWithin(`${origin}/api${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}

/** Registers a new user. */
export async function register(origin: string, name: string): Promise<Account> {
  count += 1;
  const username = `${name}-${process.pid}-${count}`.toLowerCase();
  const { body, status } = await call(origin, {
    method: 'POST',
    path: '/auth/register',
    body: { username, password: PASSWORD, displayName: name },
  });
  if (status !== 201) throw new Error(`Registration answered ${status}: ${JSON.stringify(body)}`);
  return accountOf(username, body);
}

/** Starts another session of a user. Cursors belong to a session, so everything is replayed to the new one. */
export async function logIn(origin: string, { username }: Account): Promise<Account> {
  const { body, status } = await call(origin, {
    method: 'POST',
    path: '/auth/login',
    body: { username, password: PASSWORD },
  });
  if (status !== 200) throw new Error(`The login answered ${status}: ${JSON.stringify(body)}`);
  return accountOf(username, body);
}

function accountOf(username: string, body: Answer['body']): Account {
  return {
    userId: body['user'].id,
    username,
    token: body['sessionToken'],
    sessionId: body['session'].id,
  };
}

/** A plain Socket.IO client, without any of our code, that records what it receives. */
export class PlainClient {
  readonly socket: Socket;
  /** Entries in the order of arrival, live and from pages, and as acknowledgements of its own sends. */
  readonly got: WireEntry[] = [];
  readonly events: [name: string, payload: any][] = [];

  constructor(place: string | Place, token: string, auth: Record<string, unknown> = {}) {
    const { origin, ...options } = typeof place === 'string' ? { origin: place } : place;
    this.socket = io(origin, {
      transports: ['websocket'],
      forceNew: true,
      auth: { token, ...auth },
      reconnectionDelay: 50,
      reconnectionDelayMax: 200,
      // The library's types allow no agent, because browsers have none.
      ...(options as object),
    });
    this.socket.onAny((name: string, payload: unknown) => this.events.push([name, payload]));
    this.socket.on('entry', (entry: WireEntry) => this.got.push(entry));
    this.socket.on('sync:page', (page: { entries: WireEntry[] }, ack: () => void) => {
      this.got.push(...page.entries);
      ack();
    });
  }

  /** Calls an operation and returns its data; rejects with the error's body. */
  async request(name: string, input: unknown): Promise<any> {
    const answer = await this.socket.timeout(50_000).emitWithAck(name, input);
    if (answer.ok !== true) throw Object.assign(new Error(answer.error.message), answer.error);
    return answer.data;
  }

  /** Resolves when the events so far satisfy a condition; rejects after `within` milliseconds. */
  async until(holds: () => boolean, within = 15_000): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.socket.offAny(look);
        reject(new Error(`The condition was never true: ${holds.toString()}`));
      }, within);
      const look = () =>
        queueMicrotask(() => {
          if (!holds()) return;
          clearTimeout(timer);
          this.socket.offAny(look);
          resolve();
        });
      this.socket.onAny(look);
    });
  }

  saw(name: string): boolean {
    return this.events.some(([event]) => event === name);
  }

  /** Resolves when all missed entries have arrived. */
  synced(): Promise<void> {
    return this.until(() => this.saw('sync:done'));
  }

  /** What it got of a conversation, in the order of arrival. */
  of(conversationId: string): WireEntry[] {
    return this.got.filter((entry) => entry.conversationId === conversationId);
  }

  close(): void {
    this.socket.disconnect();
  }
}
