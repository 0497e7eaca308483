/* eslint-disable @typescript-eslint/no-explicit-any -- answers are read here as a program without our types reads them */
import { setTimeout as delay } from 'node:timers/promises';

import { fetchWithin } from './patience.ts';
import { PlainClient } from './plain-client.ts';
import { poll } from './poll.ts';

const PASSWORD = 'a long enough secret';
const PAUSE = 200;

/**
 * Somebody who is signed in at web with a cookie, as a browser is: calls go through `/bff`, and each socket is opened
 * with a ticket. A connection that fails is tried again; an answer that refuses something is recorded.
 */
export class PageVisitor {
  /** Answers other than success, with what was called. */
  readonly refusals: string[] = [];
  readonly #origin: string;
  #cookie = '';
  #rounds = 0;
  #visit: Promise<void> | undefined;
  #failure: Error | undefined;
  #isOver = false;

  private constructor(origin: string) {
    this.#origin = origin;
  }

  /** Registers a user and keeps its cookie. */
  static async register(origin: string, username: string): Promise<PageVisitor> {
    const visitor = new PageVisitor(origin);
    const body = { username, password: PASSWORD, displayName: username };
    const answer = await visitor.#ask('POST', '/bff/register', body);
    if (answer.status !== 201) throw new Error(`Registration answered ${answer.status}`);
    visitor.#cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
    return visitor;
  }

  /** Calls an operation by its path. @throws Error if it is refused */
  async call(method: string, path: string, body?: object): Promise<any> {
    return this.#accepted(method, `/bff/api${path}`, body);
  }

  /** Sends, reads, and opens sockets, one round after the other, until `leave`. */
  begin(): void {
    this.#visit = this.#visits().catch((error: unknown) => {
      this.#failure = error as Error;
    });
  }

  /** Resolves when so many more rounds have ended; rejects if one of them fails. */
  async reached(count: number): Promise<void> {
    const wanted = this.#rounds + count;
    await poll(() => {
      if (this.#failure !== undefined) throw this.#failure;
      return this.#rounds >= wanted || undefined;
    });
  }

  /** Ends the rounds. Rejects if one of them failed. */
  async leave(): Promise<void> {
    this.#isOver = true;
    await this.#visit;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #visits(): Promise<void> {
    const group = { kind: 'group', title: 'Notes', userIds: [] };
    const { id } = await this.call('POST', '/conversations', group);
    while (!this.#isOver) {
      const text = `round-${this.#rounds}`;
      await this.call('POST', `/conversations/${id}/messages`, { clientId: text, text });
      const page = await this.call('GET', `/conversations/${id}/messages`);
      const messages = page.messages as { text: string | null }[];
      if (!messages.some((message) => message.text === text)) throw new Error(`${text} is lacking`);
      await this.#openSocket();
      this.#rounds += 1;
      await delay(PAUSE);
    }
  }

  async #openSocket(): Promise<void> {
    await poll(async () => {
      const { ticket } = await this.#accepted('POST', '/bff/ticket');
      const client = new PlainClient({ origin: this.#origin, reconnection: false }, ticket);
      const opened = await new Promise<boolean>((resolve) => {
        client.socket.on('ready', () => resolve(true));
        client.socket.on('disconnect', () => resolve(false));
        client.socket.on('connect_error', (error: Error & { data?: { code?: string } }) => {
          if (error.data?.code !== undefined) this.refusals.push(`handshake: ${error.data.code}`);
          resolve(false);
        });
      });
      client.close();
      return opened || undefined;
    });
  }

  async #accepted(method: string, path: string, body?: object): Promise<any> {
    const answer = await this.#ask(method, path, body);
    const text = await answer.text();
    if (answer.ok) return text === '' ? {} : JSON.parse(text);
    this.refusals.push(`${method} ${path}: ${answer.status} ${text}`);
    throw new Error(this.refusals.at(-1));
  }

  /** Repeats a call whose connection fails, because web itself is started again. */
  async #ask(method: string, path: string, body?: object): Promise<Response> {
    return poll(() =>
      fetchWithin(`${this.#origin}${path}`, {
        method,
        headers: {
          ...{ 'x-parley': '1', cookie: this.#cookie },
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }).catch(() => undefined),
    );
  }
}
