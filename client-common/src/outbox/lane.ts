import type { AppError } from '@parley/common';
import type { MessageEntry } from '@parley/common/contract';

import { backoff } from '../connection/backoff.ts';
import { isSignedOut } from '../connection/error-body.ts';
import type { Context } from '../context.ts';
import type { Cancel } from '../runtime.ts';
import { failedWith, type Pending, toCall } from './pending.ts';

/** Messages of one conversation under way at a time. */
const IN_FLIGHT = 8;
/** Answers `internal` after which a message counts as failed. */
const FAILURES = 8;

export type LaneContext = Pick<
  Context,
  'runtime' | 'requests' | 'connection' | 'outbox' | 'uploads'
>;

/** The conversation that a lane belongs to. */
export interface LaneOwner {
  /** The server stored a message. */
  takeEntry(entry: MessageEntry): void;
  changed(): void;
}

/**
 * The outbox of one conversation: first in, first out. Several messages fly at once, each naming the
 * one before it (`after`), so that the server never stores one ahead of a refused one. A message
 * waits for its file, and those behind it wait too. After a refusal that may be retried all that fly settle, and it goes on from the first not stored.
 */
export class Lane {
  readonly #context: LaneContext;
  readonly #owner: LaneOwner;
  readonly #items: Pending[] = [];
  #flying = 0;
  #retry: Cancel | null = null;
  #isPaused = false;
  #waitMs = 0;
  #rounds = 0;
  #lastStored: string | undefined;

  constructor(context: LaneContext, owner: LaneOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** In the order they were written; failed ones stay where they are until they are retried. */
  get items(): readonly Pending[] {
    return this.#items;
  }

  add(pending: Pending): void {
    this.#items.push(pending);
    this.put(pending);
  }

  /** Puts what a message has become in its place, keeps it, and goes on. */
  put(pending: Pending): void {
    this.#context.outbox.save(pending);
    this.show(pending);
    this.#pump();
  }

  /** Like `put`, for what is worth showing alone. */
  show(pending: Pending): void {
    this.#splice(pending.clientId, pending);
    this.#owner.changed();
  }

  /** Takes messages of an earlier run of the app, or of a closed tab: they go before what is new. */
  adopt(pendings: readonly Pending[]): void {
    const adopted = pendings.filter(({ clientId }) => !this.find(clientId));
    const place = this.#items.findIndex(({ state }) => state.name === 'waiting' && !state.tried);
    this.#items.splice(place < 0 ? this.#items.length : place, 0, ...adopted);
    this.#owner.changed();
    this.#pump();
  }

  /** Puts a failed message at the end, as `renew` makes it anew. */
  retry(clientId: string, renew: (failed: Pending) => Pending): void {
    const item = this.find(clientId);
    if (item?.state.name !== 'failed') return;
    this.#remove(item);
    this.add(renew(item));
  }

  /** Whether the message could be taken back. */
  discard(clientId: string): boolean {
    const item = this.find(clientId);
    const state = item?.state;
    const free = state?.name === 'failed' || (state?.name === 'waiting' && !state.tried);
    if (item === undefined || !free) return false;
    this.#remove(item);
    this.#owner.changed();
    // What waited behind its file may go.
    this.#pump();
    return true;
  }

  clear(): void {
    for (const item of this.#items.splice(0)) this.#context.outbox.forget(item);
  }

  /** An entry of this person was seen, whatever way it came: the message is stored. */
  settle(entry: MessageEntry): void {
    const item = this.find(entry.clientId);
    if (item === undefined || item.state.name === 'stored') return;
    const stored: Pending = { ...item, state: { name: 'stored', entry } };
    this.#context.outbox.forget(stored);
    this.#lastStored = item.clientId;
    this.#rounds = 0;
    this.show(stored);
  }

  /** Drops what is stored up to `seq`: it is shown as an entry now. */
  prune(seq: number): void {
    for (const { clientId, state } of [...this.#items]) {
      if (state.name === 'stored' && state.entry.seq <= seq) this.#splice(clientId);
    }
  }

  /** There is a connection: nothing flies any more, and what waited for a retry may go. */
  resume(): void {
    this.#retry?.();
    this.#retry = null;
    this.#isPaused = this.#flying > 0;
    this.#waitMs = 0;
    this.#pump();
  }

  #pump(): void {
    if (this.#isPaused || !this.#context.connection.isOnline) return;
    let after = this.#lastStored;
    let isHeld = false;
    for (const item of this.#items) {
      if (item.state.name === 'failed') continue;
      if (item.state.name === 'waiting') {
        if (item.file?.id === null) {
          isHeld = true;
          this.#context.uploads?.want(item);
        }
        if (isHeld) continue;
        if (this.#flying >= IN_FLIGHT) return;
        this.#fly(item, after);
      }
      after = item.clientId;
    }
  }

  #fly(item: Pending, after: string | undefined): void {
    const failures = item.state.name === 'waiting' ? item.state.failures : 0;
    this.#flying += 1;
    this.show({ ...item, state: { name: 'flying', failures } });
    this.#context.requests
      .once('message:send', toCall(item, after))
      .then(
        (entry) => this.#owner.takeEntry(entry),
        (thrown: unknown) => this.#refused(item.clientId, thrown as AppError),
      )
      .finally(() => this.#landed());
  }

  #refused(clientId: string, error: AppError): void {
    const item = this.find(clientId);
    if (item?.state.name !== 'flying') return;
    const failures = item.state.failures + (error.code === 'internal' ? 1 : 0);
    const final = !error.retryable && !isSignedOut(error);
    if (final || failures >= FAILURES) {
      this.put({ ...item, state: failedWith(error) });
    } else {
      this.show({ ...item, state: { name: 'waiting', tried: true, failures } });
      this.#pause(error);
    }
  }

  #pause(error: AppError): void {
    this.#isPaused = true;
    this.#waitMs = Math.max(this.#waitMs, error.retryAfterMs ?? 0);
  }

  /** When the last one has landed, the next round begins after the wait that the server asked for. */
  #landed(): void {
    this.#flying -= 1;
    if (!this.#isPaused) {
      this.#pump();
      return;
    }
    if (this.#flying > 0 || this.#retry !== null) return;
    this.#rounds += 1;
    const { runtime } = this.#context;
    const ms = Math.max(this.#waitMs, backoff(this.#rounds, runtime.platform.random));
    this.#retry = runtime.delay(ms, () => {
      this.#retry = null;
      this.resume();
    });
  }

  find(clientId: string): Pending | undefined {
    return this.#items.find((item) => item.clientId === clientId);
  }

  #remove(item: Pending): void {
    this.#context.outbox.forget(item);
    this.#splice(item.clientId);
  }

  /** Puts something in the place of a message: what it has become, or nothing. */
  #splice(clientId: string, ...become: readonly Pending[]): void {
    const place = this.#items.findIndex((each) => each.clientId === clientId);
    if (place >= 0) this.#items.splice(place, 1, ...become);
  }
}
