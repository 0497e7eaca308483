import { LIMITS } from '@parley/common';
import type { Presence } from '@parley/common/contract';

import type { Readable } from '../api/readable.ts';
import type { Context } from '../context.ts';
import { keepSame, Signal } from '../store/signal.ts';

/** Milliseconds that changes of what is watched gather. */
const GATHER = 50;

export type PresenceContext = Pick<
  Context,
  'runtime' | 'requests' | 'connection' | 'conversations'
>;

/** Who is there. A person is watched while somebody asks for the presence, and shortly after. */
export class PresenceWatch {
  readonly #context: PresenceContext;
  readonly #wanted = new Map<string, number>();
  readonly #watched = new Set<string>();
  readonly #known = new Map<string, Presence>();
  readonly #signals = new Map<string, Signal<Presence>>();
  #isArmed = false;

  constructor(context: PresenceContext) {
    this.#context = context;
  }

  /** What is known, watched or not. */
  known(userId: string): Presence | null {
    return this.#known.get(userId) ?? null;
  }

  of(userId: string): Readable<Presence> {
    const existing = this.#signals.get(userId);
    if (existing) return existing;
    const signal = new Signal<Presence>(
      () => this.known(userId) ?? { userId, online: null, lastSeenAt: null },
      {
        watched: () => this.#count(userId, 1),
        unwatched: () => this.#count(userId, -1),
      },
    );
    this.#signals.set(userId, signal);
    return signal;
  }

  /** Watches a person until the answered function is called, once. */
  watch(userId: string): () => void {
    this.#count(userId, 1);
    return () => this.#count(userId, -1);
  }

  /** Strangers look offline to each other: when one has written, they may be strangers no longer. */
  talked(userId: string): void {
    if (!this.known(userId)?.online && this.#watched.delete(userId)) this.#arm();
  }

  heard(presence: Presence): void {
    const before = this.#known.get(presence.userId);
    const next = keepSame(before, presence);
    if (next === before) return;
    this.#known.set(presence.userId, next);
    this.#signals.get(presence.userId)?.invalidate();
    for (const conversation of this.#context.conversations.all) {
      if (conversation.state?.item.peer?.id === presence.userId) conversation.changed();
    }
  }

  /** A new connection watches nobody yet. */
  resume(): void {
    this.#watched.clear();
    this.#isArmed = false;
    this.#arm();
  }

  /** Without connection nobody's presence is known. */
  lost(): void {
    for (const presence of this.#known.values()) this.heard({ ...presence, online: null });
  }

  #count(userId: string, change: number): void {
    const count = (this.#wanted.get(userId) ?? 0) + change;
    if (count > 0) this.#wanted.set(userId, count);
    else this.#wanted.delete(userId);
    this.#arm();
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    this.#context.runtime.delay(GATHER, () => {
      this.#isArmed = false;
      void this.#adjust();
    });
  }

  async #adjust(): Promise<void> {
    const { requests, connection } = this.#context;
    if (!connection.isOnline) return;
    const gone = [...this.#watched].filter((id) => !this.#wanted.has(id));
    for (const id of gone) this.#watched.delete(id);
    const room = LIMITS.watchedPerSocket - this.#watched.size;
    const fresh = [...this.#wanted.keys()].filter((id) => !this.#watched.has(id)).slice(0, room);
    for (const id of fresh) this.#watched.add(id);
    for (const userIds of chunks(gone)) requests.tell('presence:unwatch', { userIds });
    for (const userIds of chunks(fresh)) await this.#ask(userIds);
  }

  async #ask(userIds: string[]): Promise<void> {
    try {
      const { presences } = await this.#context.requests.call('presence:watch', { userIds });
      for (const presence of presences) this.heard(presence);
    } catch {
      for (const id of userIds) this.#watched.delete(id);
    }
  }
}

function chunks(ids: readonly string[]): string[][] {
  const rest = [...ids];
  const found: string[][] = [];
  while (rest.length > 0) found.push(rest.splice(0, LIMITS.watchedPerCall));
  return found;
}
