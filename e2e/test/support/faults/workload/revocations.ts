import type { ChatClient } from '../clients/chat-client.ts';
import type { TestUser } from '../clients/test-user.ts';
import type { SocketClient } from '../clients/socket-client.ts';
import { waitUntil, pause } from '../time.ts';
import type { HttpChanges } from './http-changes.ts';

/** Without Redis, a block applies and the sockets of an ended session are closed within this time. */
const EFFECTIVE_MS = 5_000;
const MARGIN_MS = 5_000;

/** Two users with a direct conversation, of whom one blocks the other. */
export interface Blockable {
  readonly client: SocketClient;
  readonly by: TestUser;
  readonly conversationId: string;
}

/** A client whose session is ended by another session of its user. */
export interface Revocable {
  readonly client: ChatClient;
  readonly by: TestUser;
}

/** Ends sessions and blocks users while the fault lasts. */
export class Revocations {
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

  /** Ends a session and blocks a user, and repeats both requests until they are answered. */
  async disturb(): Promise<void> {
    await Promise.all([this.revoke(1), this.#block()]);
  }

  /** Ends `count` sessions at the same time. */
  async revoke(count: number): Promise<void> {
    await Promise.all(
      this.#revocable.splice(0, count).map(async ({ by, client }) => {
        if (!(await this.#changes.endSession(by, client.user.sessionId))) return;
        client.record.mustBeComplete = false;
        this.#revoked.push({ client, at: performance.now() });
      }),
    );
  }

  /** Waits until every change must have taken effect, and attempts what is no longer allowed. */
  async settle(healedAt: number): Promise<void> {
    const ends = this.#revoked.map(({ at, client }) => {
      client.record.mustEndBy = Math.max(at, healedAt) + EFFECTIVE_MS + MARGIN_MS;
      return client.record.mustEndBy;
    });
    await this.#sendAsBlockedUser();
    const allClosed = () => this.#revoked.every(({ client }) => !client.isConnected);
    await waitUntil(allClosed, Math.max(0, ...ends.map((end) => end - performance.now() + 100)));
  }

  async #block(): Promise<void> {
    const { by, client } = this.#blockable;
    if (await this.#changes.block(by, client.user.userId)) this.#blockedAt = performance.now();
  }

  async #sendAsBlockedUser(): Promise<void> {
    if (this.#blockedAt === undefined) return;
    const { client, conversationId } = this.#blockable;
    await pause(this.#blockedAt + EFFECTIVE_MS - performance.now());
    await client.send({ conversationId, text: 'from a blocked user', mustFail: true });
  }
}
