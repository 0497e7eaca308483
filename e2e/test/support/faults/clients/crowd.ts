import { WebSocket } from 'ws';

import type { Random } from '../random.ts';
import type { TestUser } from './test-user.ts';

const RETRY_MS = 1_000;

/** Thousands of sockets that only connect. Measures how long each is disconnected when its node crashes. */
export class Crowd {
  readonly #users: readonly TestUser[];
  readonly #random: Random;
  readonly #sockets = new Set<WebSocket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Milliseconds from the loss of a connection to the next `ready`, for each reconnect. */
  readonly gaps: number[] = [];
  #connected = 0;
  #isClosed = false;

  constructor(users: readonly TestUser[], random: Random) {
    this.#users = users;
    this.#random = random;
  }

  /** The number of sockets that have received `ready` and are open. */
  get connected(): number {
    return this.#connected;
  }

  /** Connects all users to `first`, one each millisecond, and to one of `others` when a connection ends. */
  connect(first: string, others: readonly string[]): void {
    for (const [index, user] of this.#users.entries()) {
      this.#later(index, () => this.#open(user, { url: first, others }));
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) socket.terminate();
  }

  #open(user: TestUser, target: { url: string; others: readonly string[]; lostAt?: number }): void {
    const socket = new WebSocket(`${target.url}/socket.io/?EIO=4&transport=websocket`);
    this.#sockets.add(socket);
    let { lostAt } = target;
    let isConnected = false;
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.startsWith('0')) {
        socket.send(`40${JSON.stringify({ token: user.token, sync: 'heads' })}`);
      } else if (text === '2') socket.send('3');
      else if (text.startsWith('42["ready"') && !isConnected) {
        isConnected = true;
        this.#connected += 1;
        if (lostAt !== undefined) this.gaps.push(performance.now() - lostAt);
        lostAt = undefined;
      }
    });
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (isConnected) this.#connected -= 1;
      if (this.#isClosed) return;
      const url = this.#random.pick(target.others);
      const next = { url, others: target.others, lostAt: lostAt ?? performance.now() };
      this.#later(this.#random.below(RETRY_MS), () => this.#open(user, next));
    });
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }
}
