import { Arrivals } from './arrivals.ts';
import { type Meter } from './meter.ts';
import { type Connection, type Target } from './target.ts';

interface FlowOptions {
  readonly target: Target;
  readonly sender: Connection;
  readonly conversation: string;
  /** How many clients receive each message, without the sender. */
  readonly receivers: number;
  readonly meter: Meter;
  readonly now: () => number;
}

/** Text of 100 bytes, as the peers were measured with. */
const TEXT = 'x'.repeat(100);

/** One sender that writes to one conversation, and the results of its messages. */
export class Flow {
  /** Called when a message is acknowledged and delivered to all receivers. */
  onComplete: () => void = () => undefined;
  readonly #options: FlowOptions;
  readonly #acks = new Arrivals();
  readonly #arrivals: readonly Arrivals[];
  readonly #sentAt: number[] = [];
  readonly #awaited: number[] = [];
  readonly #refusals = new Map<string, number>();
  #completed = 0;

  constructor(options: FlowOptions) {
    this.#options = options;
    this.#arrivals = Array.from({ length: options.receivers }, () => new Arrivals());
  }

  get sent(): number {
    return this.#sentAt.length;
  }

  get inProgress(): number {
    return this.#sentAt.length - this.#completed;
  }

  /** Sends the next message. */
  send(): void {
    const { target, sender, conversation, receivers, now } = this.#options;
    const number = this.#sentAt.push(now());
    this.#awaited.push(receivers + 1);
    target.send({ sender, conversation, number, text: TEXT }, (refusal) => {
      this.#answered(number, refusal);
    });
  }

  /** Records that a receiver got message `number`. */
  delivered(receiver: number, number: number): void {
    if (this.#arrivals[receiver]?.take(number) !== true) return;
    this.#options.meter.delivered(this.#age(number));
    this.#progress(number);
  }

  /** Number of faults by kind; call it when everything should have arrived. */
  faults({ inOrder }: { inOrder: boolean }): Record<string, number> {
    const sum = (count: (arrivals: Arrivals) => number) =>
      this.#arrivals.reduce((total, arrivals) => total + count(arrivals), 0);
    return {
      'not acknowledged': this.#acks.missing(this.sent),
      'acknowledged twice': this.#acks.doubled,
      'not delivered': sum((arrivals) => arrivals.missing(this.sent)),
      doubled: sum((arrivals) => arrivals.doubled),
      'out of order': inOrder ? sum((arrivals) => arrivals.reordered) : 0,
      ...Object.fromEntries(this.#refusals),
    };
  }

  #answered(number: number, refusal: string | undefined): void {
    if (refusal !== undefined) {
      const key = `refused: ${refusal}`;
      this.#refusals.set(key, (this.#refusals.get(key) ?? 0) + 1);
    }
    if (!this.#acks.take(number)) return;
    this.#options.meter.acknowledged(this.#age(number));
    this.#progress(number);
  }

  #progress(number: number): void {
    const left = (this.#awaited[number - 1] ?? 0) - 1;
    this.#awaited[number - 1] = left;
    if (left > 0) return;
    this.#completed += 1;
    this.#options.meter.completed(this.#age(number));
    this.onComplete();
  }

  #age(number: number): number {
    return this.#options.now() - (this.#sentAt[number - 1] ?? Number.NaN);
  }
}
