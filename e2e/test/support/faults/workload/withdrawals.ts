import type { ChatClient } from '../clients/chat-client.ts';
import type { Person } from '../clients/person.ts';
import type { SocketClient } from '../clients/socket-client.ts';
import { becomes, hold } from '../time.ts';
import type { HttpChanges } from './http-changes.ts';

/** A block applies, and the sockets of an ended session are closed, within 5 s where Redis does not help. */
const APPLIES_MS = 5_000;
const MARGIN_MS = 5_000;

/** Two users with a direct conversation, of whom one blocks the other. */
export interface Blockable {
  readonly client: SocketClient;
  readonly by: Person;
  readonly conversationId: string;
}

/** A client whose session is ended by another session of its user. */
export interface Revocable {
  readonly client: ChatClient;
  readonly by: Person;
}

/** Rights that are taken away in the middle of whatever is wrong. */
export class Withdrawals {
  readonly #changes: HttpChanges;
  readonly #revocable: Revocable[];
  readonly #blockable: Blockable;
  readonly #revoked: { readonly client: ChatClient; readonly at: number }[] = [];
  #blockedAt: number | undefined;

  constructor(changes: HttpChanges, revocable: readonly Revocable[], blockable: Blockable) {
    this.#changes = changes;
    this.#revocable = [...revocable];
    this.#blockable = blockable;
  }

  /** Ends a session and blocks somebody, and repeats both until they are answered. */
  async disturb(): Promise<void> {
    await Promise.all([this.revoke(1), this.#block()]);
  }

  /** Ends so many sessions at once. */
  async revoke(count: number): Promise<void> {
    await Promise.all(
      this.#revocable.splice(0, count).map(async ({ by, client }) => {
        if (!(await this.#changes.endSession(by, client.person.sessionId))) return;
        client.record.isThere = false;
        this.#revoked.push({ client, at: performance.now() });
      }),
    );
  }

  /** Waits until everything must have applied, and tries what is no longer allowed. */
  async settle(healedAt: number): Promise<void> {
    const ends = this.#revoked.map(({ at, client }) => {
      client.record.mustEndBy = Math.max(at, healedAt) + APPLIES_MS + MARGIN_MS;
      return client.record.mustEndBy;
    });
    await this.#tryBlocked();
    const areClosed = () => this.#revoked.every(({ client }) => !client.isConnected);
    await becomes(areClosed, Math.max(0, ...ends.map((end) => end - performance.now() + 100)));
  }

  async #block(): Promise<void> {
    const { by, client } = this.#blockable;
    if (await this.#changes.block(by, client.person.userId)) this.#blockedAt = performance.now();
  }

  async #tryBlocked(): Promise<void> {
    if (this.#blockedAt === undefined) return;
    const { client, conversationId } = this.#blockable;
    await hold(this.#blockedAt + APPLIES_MS - performance.now());
    await client.send({ conversationId, text: 'from somebody blocked', mustFail: true });
  }
}
