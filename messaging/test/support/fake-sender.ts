import type { Push, PushOutcome, PushSender } from '../../src/push/ports.ts';

/** Records pushes and returns the outcomes that a test sets. */
export class FakeSender implements PushSender {
  readonly isConfigured = true;
  readonly sent: Push[] = [];
  readonly #outcomes = new Map<string, PushOutcome[]>();
  readonly #held = new Map<string, Promise<void>>();

  /** Sets the outcomes of the next pushes to a token, in order. */
  answer(token: string, ...outcomes: readonly PushOutcome[]): void {
    this.#outcomes.set(token, [...outcomes]);
  }

  /** Delays the outcomes of pushes to a token until the promise resolves. */
  hold(token: string, until: Promise<void>): void {
    this.#held.set(token, until);
  }

  async send(push: Push): Promise<PushOutcome> {
    this.sent.push(push);
    await this.#held.get(push.token);
    return this.#outcomes.get(push.token)?.shift() ?? { kind: 'sent' };
  }

  /** The pushes to a token. */
  to(token: string): Push[] {
    return this.sent.filter((push) => push.token === token);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
