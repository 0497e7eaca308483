import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import { poll } from './poll.ts';
import type { Account, PlainClient } from './plain-client.ts';

/** Milliseconds between two messages of one client: three clients of one user stay within its rate limit. */
const PAUSE = 300;

/**
 * A group in which all members write through all of their clients while nodes are killed and started. Like our client,
 * they repeat a message without an answer with the same key.
 */
export class Talk {
  readonly #conversationId: string;
  readonly #clients: readonly PlainClient[];
  readonly #absences = new Map<PlainClient, number>();
  readonly #refusals: string[] = [];
  #longest = 0;
  #reconnects = 0;
  #stored = new Set<string>();
  #sending: Promise<void>[] = [];
  #isOver = false;

  private constructor(conversationId: string, clients: readonly PlainClient[]) {
    this.#conversationId = conversationId;
    this.#clients = clients;
  }

  /** Makes the group, connects a client for each session and lets it write. Several sessions may be of one user. */
  static async begin(
    sessions: readonly Account[],
    connect: (session: Account) => Promise<PlainClient>,
  ): Promise<Talk> {
    const all = await Promise.all(sessions.map(connect));
    const [owner] = sessions;
    const others = new Set(sessions.map(({ userId }) => userId));
    others.delete(owner!.userId);
    const { id } = await all[0]!.request('conversation:create', {
      ...{ kind: 'group', title: 'Talk', userIds: [...others] },
    });
    const talk = new Talk(id as string, all);
    for (const client of all) talk.#watch(client);
    talk.#sending = all.map((client, index) => talk.#write(client, index));
    return talk;
  }

  /** Longest time in milliseconds between losing a connection and `ready` of the next. */
  get longestAbsence(): number {
    return Math.round(this.#longest);
  }

  get reconnects(): number {
    return this.#reconnects;
  }

  /** Codes with which messages were refused. */
  get refusals(): readonly string[] {
    return this.#refusals;
  }

  /** Resolves when `count` more messages are stored. */
  async reached(count: number): Promise<void> {
    const wanted = this.#stored.size + count;
    await poll(() => this.#stored.size >= wanted || undefined, 60_000);
  }

  /** Ends the writing. Resolves when every client has every message that was acknowledged. */
  async endWithEverybodyReached(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#sending);
    assert.ok(this.#stored.size > 0);
    for (const client of this.#clients) {
      const lacking = () => {
        const got = new Set(client.of(this.#conversationId).map(({ clientId }) => clientId));
        return [...this.#stored].filter((key) => !got.has(key));
      };
      await poll(() => lacking().length === 0 || undefined).catch(() =>
        assert.fail(`A client lacks ${lacking().length} of ${this.#stored.size} messages`),
      );
    }
  }

  #watch(client: PlainClient): void {
    client.socket.on('disconnect', () => {
      if (!this.#absences.has(client)) this.#absences.set(client, performance.now());
    });
    client.socket.on('ready', () => {
      const since = this.#absences.get(client);
      if (since === undefined) return;
      this.#absences.delete(client);
      this.#reconnects += 1;
      this.#longest = Math.max(this.#longest, performance.now() - since);
    });
  }

  async #write(client: PlainClient, lane: number): Promise<void> {
    for (let index = 0; !this.#isOver; index += 1) {
      const clientId = `${lane}-${index}`;
      const input = { conversationId: this.#conversationId, clientId, text: clientId };
      await this.#sendUntilStored(client, input);
      this.#stored.add(clientId);
      await delay(PAUSE);
    }
  }

  async #sendUntilStored(client: PlainClient, input: object): Promise<void> {
    for (;;) {
      try {
        client.got.push(await client.request('message:send', input));
        return;
      } catch (error) {
        const { code } = error as { code?: string };
        if (code !== undefined) this.#refusals.push(code);
        await poll(() => client.socket.connected || undefined);
      }
    }
  }
}
