import type { Push, PushOutcome, PushSender } from '../../src/push/ports.ts';

/** Takes pushes and answers as a test wants it. */
export class FakeSender implements PushSender {
  readonly reaches = true;
  readonly sent: Push[] = [];
  readonly #outcomes = new Map<string, PushOutcome[]>();
  readonly #held = new Map<string, Promise<void>>();

  /** The outcome of the next pushes to a token, one after the other. */
  answer(token: string, ...outcomes: readonly PushOutcome[]): void {
    this.#outcomes.set(token, [...outcomes]);
  }

  /** Pushes to a token are answered only then. */
  hold(token: string, until: Promise<void>): void {
    this.#held.set(token, until);
  }

  async send(push: Push): Promise<PushOutcome> {
    this.sent.push(push);
    await this.#held.get(push.token);
    return this.#outcomes.get(push.token)?.shift() ?? { kind: 'sent' };
  }

  /** What was sent to a token. */
  to(token: string): Push[] {
    return this.sent.filter((push) => push.token === token);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
