import type { AppError } from '@parley/common';
import type { MessageEntry } from '@parley/common/contract';

import type { Connection } from '../core/connection.ts';
import type { Emitter } from '../core/emitter.ts';
import type { Requests } from '../core/requests.ts';
import type { Cancel, Runtime } from '../core/runtime.ts';
import { isSessionOver } from '../core/session-over.ts';
import type { OutboxStorage } from './outbox-storage.ts';
import { failedWith, type OutgoingMessage, toRequest } from './outgoing-message.ts';

/** Requests of one conversation that may be unanswered at a time. */
const PARALLEL = 8;
/** Answers `internal` after which a message counts as failed. */
const FAILURES = 8;

/** What happens in the outbox. */
export interface OutboxEvents {
  /** The messages of a conversation have changed; its id. */
  readonly changed: string;
  /** The server has stored a message. */
  readonly stored: MessageEntry;
  /** A message waits for its file. Emitted repeatedly. */
  readonly fileNeeded: OutgoingMessage;
  /** A message has left the outbox, or is put back into it within the same turn. */
  readonly removed: OutgoingMessage;
}

export interface OutboxQueueDeps {
  readonly runtime: Pick<Runtime, 'backoff' | 'delay'>;
  readonly connection: Pick<Connection, 'isOnline'>;
  readonly requests: Pick<Requests, 'once'>;
  readonly outboxStorage: Pick<OutboxStorage, 'remove' | 'save'>;
}

/**
 * The messages of one conversation that are to be sent, first in, first out. Several are sent at once,
 * each naming the one before it (`after`), so that the server never stores one ahead of a refused one.
 * A message waits for its file, and those behind it wait too. After a retryable refusal all unanswered
 * requests settle; then sending goes on from the first message that is not stored.
 */
export class OutboxQueue {
  readonly #deps: OutboxQueueDeps;
  readonly #conversationId: string;
  readonly #events: Emitter<OutboxEvents>;
  readonly #messages: OutgoingMessage[] = [];
  #unanswered = 0;
  #retry: Cancel | null = null;
  #isPaused = false;
  #waitMs = 0;
  #rounds = 0;
  #lastStored: string | undefined;

  constructor(conversationId: string, deps: OutboxQueueDeps, events: Emitter<OutboxEvents>) {
    this.#conversationId = conversationId;
    this.#deps = deps;
    this.#events = events;
  }

  /** In the order in which they were written; failed ones keep their place until they are retried. */
  get messages(): readonly OutgoingMessage[] {
    return this.#messages;
  }

  find(clientId: string): OutgoingMessage | undefined {
    return this.#messages.find((message) => message.clientId === clientId);
  }

  add(message: OutgoingMessage): void {
    this.#messages.push(message);
    this.update(message);
  }

  /** Replaces a message by its new version, keeps it on the device, and goes on sending. */
  update(message: OutgoingMessage): void {
    this.show(message);
    this.#deps.outboxStorage.save(message, (isSaved) => {
      const current = this.find(message.clientId);
      if (current && current.isSaved !== isSaved) this.show({ ...current, isSaved });
    });
    this.#send();
  }

  /** Like `update`, for what need not survive a restart. */
  show(message: OutgoingMessage): void {
    this.#replace(message.clientId, message);
    this.#changed();
  }

  /** Adds those of an earlier run of the app, or of a closed tab, that belong here: they go before new ones. */
  adopt(messages: readonly OutgoingMessage[]): void {
    const adopted = messages.filter(
      ({ conversationId, clientId }) =>
        conversationId === this.#conversationId && !this.find(clientId),
    );
    const place = this.#messages.findIndex(({ state }) => state.name === 'waiting' && !state.tried);
    this.#messages.splice(place < 0 ? this.#messages.length : place, 0, ...adopted);
    this.#changed();
    this.#send();
  }

  /** Puts a failed message at the end, as `renew` returns it. */
  retry(clientId: string, renew: (failed: OutgoingMessage) => OutgoingMessage): void {
    const message = this.find(clientId);
    if (message?.state.name !== 'failed') return;
    this.#remove(message);
    this.add({ ...renew(message), isSaved: false });
  }

  /** Removes a message that failed or was never sent. `false`: it is too late. */
  discard(clientId: string): boolean {
    const message = this.find(clientId);
    const state = message?.state;
    const isFree = state?.name === 'failed' || (state?.name === 'waiting' && !state.tried);
    if (!message || !isFree) return false;
    this.#remove(message);
    this.#changed();
    // Messages that waited behind its file can be sent now.
    this.#send();
    return true;
  }

  clear(): void {
    for (const message of [...this.#messages]) this.#remove(message);
  }

  /** An entry of this user arrived, by whatever way: the message is stored. */
  settle(entry: MessageEntry): void {
    const message = this.find(entry.clientId);
    if (!message || message.state.name === 'stored') return;
    const stored: OutgoingMessage = { ...message, state: { name: 'stored', entry } };
    this.#forget(stored);
    this.#lastStored = message.clientId;
    this.#rounds = 0;
    this.show(stored);
  }

  /** Drops messages that are stored up to `seq`: the timeline shows their entries now. */
  prune(seq: number): void {
    for (const { clientId, state } of [...this.#messages]) {
      if (state.name === 'stored' && state.entry.seq <= seq) this.#replace(clientId);
    }
  }

  /** There is a new connection: what waits for a retry can be sent, whatever earlier ones refused. */
  resume(): void {
    this.#rounds = 0;
    this.#next();
  }

  #next(): void {
    this.#retry?.();
    this.#retry = null;
    this.#isPaused = this.#unanswered > 0;
    this.#waitMs = 0;
    this.#send();
  }

  #send(): void {
    if (this.#isPaused || !this.#deps.connection.isOnline) return;
    let after = this.#lastStored;
    let isBlocked = false;
    for (const message of this.#messages) {
      if (message.state.name === 'failed') continue;
      if (message.state.name === 'waiting') {
        if (message.file?.id === null) {
          isBlocked = true;
          this.#events.emit('fileNeeded', message);
        }
        if (isBlocked) continue;
        if (this.#unanswered >= PARALLEL) return;
        this.#request(message, after);
      }
      after = message.clientId;
    }
  }

  #request(message: OutgoingMessage, after: string | undefined): void {
    const failures = message.state.name === 'waiting' ? message.state.failures : 0;
    this.#unanswered += 1;
    this.show({ ...message, state: { name: 'sending', failures } });
    this.#deps.requests
      .once('message:send', toRequest(message, after))
      .then(
        (entry) => this.#events.emit('stored', entry),
        (thrown: unknown) => this.#refused(message.clientId, thrown as AppError),
      )
      .finally(() => this.#answered());
  }

  #refused(clientId: string, error: AppError): void {
    const message = this.find(clientId);
    if (message?.state.name !== 'sending') return;
    const failures = message.state.failures + (error.code === 'internal' ? 1 : 0);
    const isFinal = !error.retryable && !isSessionOver(error);
    if (isFinal || failures >= FAILURES) {
      this.update({ ...message, state: failedWith(error) });
    } else {
      this.show({ ...message, state: { name: 'waiting', tried: true, failures } });
      this.#isPaused = true;
      this.#waitMs = Math.max(this.#waitMs, error.retryAfterMs ?? 0);
    }
  }

  /** After the last answer the next round begins, once the wait that the server asked for is over. */
  #answered(): void {
    this.#unanswered -= 1;
    if (!this.#isPaused) {
      this.#send();
      return;
    }
    if (this.#unanswered > 0 || this.#retry) return;
    this.#rounds += 1;
    const { runtime } = this.#deps;
    const ms = Math.max(this.#waitMs, runtime.backoff(this.#rounds));
    this.#retry = runtime.delay(ms, () => this.#next());
  }

  #remove(message: OutgoingMessage): void {
    this.#forget(message);
    this.#replace(message.clientId);
  }

  #forget(message: OutgoingMessage): void {
    this.#deps.outboxStorage.remove(message.clientId);
    this.#events.emit('removed', message);
  }

  /** Replaces a message by its successor, or removes it. */
  #replace(clientId: string, ...successor: readonly OutgoingMessage[]): void {
    const place = this.#messages.findIndex((each) => each.clientId === clientId);
    if (place >= 0) this.#messages.splice(place, 1, ...successor);
  }

  #changed(): void {
    this.#events.emit('changed', this.#conversationId);
  }
}
