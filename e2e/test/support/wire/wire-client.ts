/* eslint-disable @typescript-eslint/no-explicit-any -- answers are read here as a program without our types reads them */
import { once } from 'node:events';
import { WebSocket } from 'ws';

import { type Transcript } from './transcript.ts';

const PATIENCE_MS = 50_000;
const [PING, PONG] = ['2', '3'];

/** A received event: its name and its payload. */
type Received = readonly [name: string, payload: any];

/** A Socket.IO client without a library. It records all frames that it sends and receives. */
export class WireClient {
  readonly #name: string;
  readonly #transcript: Transcript;
  readonly #socket: WebSocket;
  readonly #acks = new Map<number, (answer: any) => void>();
  #events: Received[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #closed: Promise<unknown>;
  #ackId = 0;

  private constructor(options: { name: string; transcript: Transcript; socket: WebSocket }) {
    this.#name = options.name;
    this.#transcript = options.transcript;
    this.#socket = options.socket;
    this.#closed = once(this.#socket, 'close');
  }

  /** Opens a connection and authenticates. The server answers with an event: `ready`, or `refused` with the error. */
  static connect(
    origin: string,
    options: { name: string; transcript: Transcript; auth: object },
  ): WireClient {
    const url = `${origin.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(url);
    const client = new WireClient({ ...options, socket });
    socket.on('message', (data: Buffer) => client.#take(data.toString(), options.auth));
    return client;
  }

  #send(frame: string): void {
    if (frame !== PONG) this.#transcript.note(this.#name, '>', frame);
    this.#socket.send(frame);
  }

  #take(frame: string, auth: object): void {
    if (frame === PING) {
      this.#send(PONG);
      return;
    }
    this.#transcript.note(this.#name, '<', frame);
    const [, type = '', id = '', body = ''] = /^(0|4\d)(\d*)(.*)$/s.exec(frame) ?? [];
    if (type === '0') this.#send(`40${JSON.stringify(auth)}`);
    if (type === '44') this.#events.push(['refused', JSON.parse(body)]);
    if (type === '42') this.#events.push(JSON.parse(body));
    // A page must be acknowledged before the server sends the next one.
    if (type === '42' && id !== '') this.#send(`43${id}[]`);
    if (type === '43') this.#acks.get(Number(id))?.(JSON.parse(body)[0]);
    for (const watcher of this.#watchers) watcher();
  }

  /** Calls an operation. Returns the whole acknowledgement. */
  request(name: string, input: unknown): Promise<any> {
    const id = this.#ackId++;
    const answer = new Promise((resolve) => this.#acks.set(id, resolve));
    this.#send(`42${id}${JSON.stringify([name, input])}`);
    return answer;
  }

  /** Sends a frame as it is. */
  raw(frame: string): void {
    this.#send(frame);
  }

  /** Waits until an event of each of these names has come, in whatever order; each counts once. */
  async next(...names: string[]): Promise<void> {
    for (const name of names) {
      const find = () => this.#events.findIndex(([got]) => got === name);
      await this.#until(() => find() >= 0, name);
      const index = find();
      this.#events = this.#events.filter((_, other) => other !== index);
    }
  }

  async #until(holds: () => boolean, what: string): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`${this.#name} waited for ${what} in vain`));
      }, PATIENCE_MS);
      const look = () => {
        if (!holds()) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
    });
  }

  /** Resolves when the server has closed the connection. */
  async closed(): Promise<void> {
    await this.#closed;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.#closed;
  }
}
