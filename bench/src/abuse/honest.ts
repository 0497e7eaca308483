import { type BenchUser } from '../generator/target.ts';
import { ParleyTarget } from '../generator/parley-target.ts';
import { percentile } from '../statistics.ts';

interface Sample {
  readonly sentAt: number;
  /** Milliseconds until the acknowledgement; until it has come: since it was sent. */
  readonly took: () => number;
}

const EVERY = 200;
const SECOND = 1_000;

/** The p99 of a stretch of time, and for how many whole seconds in a row it was above a bound. */
export interface Latency {
  readonly p99: number;
  readonly secondsAbove: number;
  /** The p99 of each whole second. */
  readonly seconds: readonly number[];
}

/** Pairs of users who send each other five messages a second, within all rate limits. */
export class HonestUsers {
  readonly #samples: Sample[] = [];
  readonly #timers: NodeJS.Timeout[] = [];

  static async start(url: string, users: readonly BenchUser[]): Promise<HonestUsers> {
    const honest = new HonestUsers();
    const target = new ParleyTarget({ urls: [url] });
    for (let at = 0; at + 1 < users.length; at += 2) {
      const [one, other] = [users[at], users[at + 1]];
      if (one === undefined || other === undefined) break;
      const sender = await target.connect(one, () => undefined);
      const reader = await target.connect(other, () => undefined);
      const conversationId = await target.direct(sender, other);
      await Promise.all([target.settle(sender), target.settle(reader)]);
      let number = 0;
      const send = () => {
        number += 1;
        const sentAt = performance.now();
        let took: number | undefined;
        honest.#samples.push({ sentAt, took: () => took ?? performance.now() - sentAt });
        const input = { conversationId, clientId: String(number), text: 'Hello' };
        sender.client.call('message:send', input, () => (took = performance.now() - sentAt));
      };
      honest.#timers.push(setInterval(send, EVERY));
    }
    return honest;
  }

  /** What was sent between two times of `performance.now()`. */
  between(from: number, to: number, bound = Number.POSITIVE_INFINITY): Latency {
    let [inRow, secondsAbove] = [0, 0];
    const seconds: number[] = [];
    for (let second = from; second + SECOND <= to; second += SECOND) {
      const p99 = this.#p99(second, second + SECOND);
      seconds.push(p99);
      inRow = p99 > bound ? inRow + 1 : 0;
      secondsAbove = Math.max(secondsAbove, inRow);
    }
    return { p99: this.#p99(from, to), secondsAbove, seconds };
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #p99(from: number, to: number): number {
    const within = this.#samples.filter(({ sentAt }) => sentAt >= from && sentAt < to);
    const ascending = within.map(({ took }) => took()).sort((one, other) => one - other);
    return percentile(ascending, 0.99);
  }
}
