import { type BenchUser } from '../generator/target.ts';
import { ParleyTarget } from '../generator/parley-target.ts';
import { latencyOf, type Latency } from './latency.ts';

interface Message {
  readonly sentAt: number;
  /** Milliseconds from sending to the acknowledgement, or until now if there is none yet. */
  readonly took: () => number;
  readonly isStored: () => boolean;
}

const EVERY = 200;

/** Pairs of users who send each other five messages a second, within all rate limits. */
export class HonestUsers {
  readonly #messages: Message[] = [];
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
        let isStored = false;
        honest.#messages.push({
          sentAt,
          took: () => took ?? performance.now() - sentAt,
          isStored: () => isStored,
        });
        const input = { conversationId, clientId: String(number), text: 'Hello' };
        sender.client.call('message:send', input, (answer) => {
          took = performance.now() - sentAt;
          isStored = (answer as { readonly ok: boolean }).ok;
        });
      };
      honest.#timers.push(setInterval(send, EVERY));
    }
    return honest;
  }

  /** The latency of the messages that were sent between two times of `performance.now()`. */
  between(from: number, to: number, bound = Number.POSITIVE_INFINITY): Latency {
    const samples = this.#messages.map(({ sentAt, took }) => ({ sentAt, took: took() }));
    return latencyOf(samples, { from, to, bound });
  }

  /** Messages sent between two times that were refused, or are not answered yet. */
  lost(from: number, to: number): number {
    const within = this.#messages.filter(({ sentAt }) => sentAt >= from && sentAt < to);
    return within.filter(({ isStored }) => !isStored()).length;
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}
