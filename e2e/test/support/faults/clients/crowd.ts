import { WebSocket } from 'ws';

import type { Random } from '../random.ts';
import type { Person } from './person.ts';

const RETRY_MS = 1_000;

/** Sockets of no more than a handshake, in their thousands: how long each is away when its node goes. */
export class Crowd {
  readonly #people: readonly Person[];
  readonly #random: Random;
  readonly #sockets = new Set<WebSocket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Milliseconds from the loss of a connection to the next `ready`, one for each loss that is over. */
  readonly gaps: number[] = [];
  #served = 0;
  #isOver = false;

  constructor(people: readonly Person[], random: Random) {
    this.#people = people;
    this.#random = random;
  }

  /** How many are served at the moment. */
  get served(): number {
    return this.#served;
  }

  /** Connects everybody to `first`, a few at a time, and again to one of `others` whenever that ends. */
  connect(first: string, others: readonly string[]): void {
    for (const [index, person] of this.#people.entries()) {
      this.#later(index, () => this.#open(person, { url: first, others }));
    }
  }

  close(): void {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) socket.terminate();
  }

  #open(person: Person, at: { url: string; others: readonly string[]; lostAt?: number }): void {
    const socket = new WebSocket(`${at.url}/socket.io/?EIO=4&transport=websocket`);
    this.#sockets.add(socket);
    let { lostAt } = at;
    let isServed = false;
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.startsWith('0')) {
        socket.send(`40${JSON.stringify({ token: person.token, sync: 'heads' })}`);
      } else if (text === '2') socket.send('3');
      else if (text.startsWith('42["ready"') && !isServed) {
        isServed = true;
        this.#served += 1;
        if (lostAt !== undefined) this.gaps.push(performance.now() - lostAt);
        lostAt = undefined;
      }
    });
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (isServed) this.#served -= 1;
      if (this.#isOver) return;
      const url = this.#random.pick(at.others);
      const next = { url, others: at.others, lostAt: lostAt ?? performance.now() };
      this.#later(this.#random.below(RETRY_MS), () => this.#open(person, next));
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
