import type { PlatformLock } from '../api/platform.ts';
import type { Context } from '../context.ts';
import { deserialise, type Pending } from './pending.ts';

const PREFIX = 'outbox/';
const ORDER_DIGITS = 10;

export type OutboxContext = Pick<Context, 'runtime' | 'vault' | 'conversations' | 'uploads'>;

/**
 * Keeps the messages on their way in the store. Each client (each tab) writes under a name of its own
 * and holds a lock of that name; when the lock is free, its owner is gone and another client takes
 * over what is left. Sending the same message from two places would still store it once.
 */
export class Outbox {
  readonly #context: OutboxContext;
  readonly #places = new Map<string, string>();
  readonly #locks = new Map<string, PlatformLock | null>();
  #order = 0;
  #name: string | null = null;

  constructor(context: OutboxContext) {
    this.#context = context;
  }

  /** Under which name this client writes. */
  get #owner(): string {
    this.#name ??= this.#context.runtime.newClientId();
    return this.#name;
  }

  nextOrder(): number {
    this.#order += 1;
    return this.#order;
  }

  save(pending: Pending): void {
    const own = `${PREFIX}${this.#owner}/${String(pending.order).padStart(ORDER_DIGITS, '0')}`;
    const place = this.#places.get(pending.clientId) ?? own;
    this.#places.set(pending.clientId, place);
    this.#context.vault.put(place, JSON.stringify(pending));
  }

  forget(pending: Pending): void {
    const place = this.#places.get(pending.clientId);
    this.#places.delete(pending.clientId);
    if (place !== undefined) this.#context.vault.put(place, null);
    this.#context.uploads?.forget(pending);
  }

  /** Looks for what others left. Resolves when what is free already is taken over. */
  async takeOver(userId: string): Promise<void> {
    const { lock } = this.#context.runtime.platform;
    const name = (owner: string) => `parley/${userId}/${PREFIX}${owner}`;
    if (!this.#locks.has(this.#owner)) {
      const own = lock?.(name(this.#owner)) ?? null;
      own?.held.catch(() => undefined);
      this.#locks.set(this.#owner, own);
    }
    const keys = await this.#context.vault.keys(PREFIX);
    const owners = new Set(keys.map((key) => key.split('/')[1] ?? ''));
    const strangers = [...owners].filter((owner) => !this.#locks.has(owner));
    for (const owner of strangers) {
      const held = lock?.(name(owner)) ?? null;
      this.#locks.set(owner, held);
      if (held === null) await this.#adopt(owner);
      else void held.held.then(() => this.#adopt(owner)).catch(() => undefined);
    }
  }

  /** Gives all locks back: another client may take over. */
  close(): void {
    for (const lock of this.#locks.values()) lock?.release();
    this.#locks.clear();
  }

  async #adopt(owner: string): Promise<void> {
    const { vault, conversations } = this.#context;
    const keys = [...(await vault.keys(`${PREFIX}${owner}/`))].sort();
    const texts = await Promise.all(keys.map((key) => vault.get(key)));
    const byConversation = new Map<string, Pending[]>();
    for (const [index, key] of keys.entries()) {
      const pending = deserialise(texts[index] ?? '');
      if (pending === null) {
        vault.put(key, null);
      } else if (!this.#places.has(pending.clientId)) {
        this.#places.set(pending.clientId, key);
        const list = byConversation.get(pending.conversationId) ?? [];
        byConversation.set(pending.conversationId, [...list, pending]);
      }
    }
    for (const [id, pendings] of byConversation) conversations.of(id).lane.adopt(pendings);
  }
}
