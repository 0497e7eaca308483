import type { Push, PushOutcome, PushSender } from '../../src/notifications/ports.ts';

/** Takes pushes and answers as a test wants it. */
export class FakeSender implements PushSender {
  readonly reaches = true;
  readonly sent: Push[] = [];
  readonly #outcomes = new Map<string, PushOutcome[]>();

  /** The outcome of the next pushes to a token, one after the other. */
  answer(token: string, ...outcomes: readonly PushOutcome[]): void {
    this.#outcomes.set(token, [...outcomes]);
  }

  send(push: Push): Promise<PushOutcome> {
    this.sent.push(push);
    return Promise.resolve(this.#outcomes.get(push.token)?.shift() ?? { kind: 'sent' });
  }

  /** What was sent to a token. */
  to(token: string): Push[] {
    return this.sent.filter((push) => push.token === token);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
