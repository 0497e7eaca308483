import type { AppError } from '@parley/common';
import type { OperationOutput } from '@parley/common/contract';

import type { Connection } from '../core/connection.ts';
import type { Requests } from '../core/requests.ts';
import type { Runtime } from '../core/runtime.ts';
import { askAbout } from './ask-about.ts';

/** Milliseconds during which reasons are collected, and between two requests for one conversation. */
const GATHER = 50;
const PAUSE = 300;

/** A conversation that can be asked for. */
export interface RefreshableConversation {
  readonly id: string;
  readonly state: { readonly isStale: boolean } | null;
  /** The conversation as the server has it. */
  applyItem(item: OperationOutput<'conversation:get'>): void;
  /** This user is no member. */
  remove(): void;
}

export interface RefresherDeps {
  readonly runtime: Pick<Runtime, 'delay'>;
  readonly connection: Pick<Connection, 'isOnline' | 'server'>;
  readonly requests: Pick<Requests, 'call'>;
}

/** Asks the server for a conversation again after an event that only the server can explain. */
export class Refresher {
  readonly #deps: RefresherDeps;
  readonly #waiting = new Set<RefreshableConversation>();
  /** Those that got a further reason while they waited. */
  readonly #again = new Set<RefreshableConversation>();
  /** The last request for each conversation. */
  readonly #last = new WeakMap<RefreshableConversation, Promise<void>>();

  constructor(deps: RefresherDeps) {
    this.#deps = deps;
    deps.connection.server.on('ready', () => {
      // Timers may have been cancelled.
      const waiting = [...this.#waiting];
      this.#waiting.clear();
      for (const conversation of waiting) this.soon(conversation);
    });
  }

  /** Asks soon, once for many reasons. */
  soon(conversation: RefreshableConversation): void {
    if (this.#waiting.has(conversation)) {
      this.#again.add(conversation);
      return;
    }
    this.#waiting.add(conversation);
    this.#deps.runtime.delay(GATHER, () => void this.#due(conversation));
  }

  /** Asks now, even if another answer is on its way: that one may be too old. Rejects with an `AppError`. */
  now(conversation: RefreshableConversation): Promise<void> {
    const last = this.#last.get(conversation) ?? Promise.resolve();
    const next = last.catch(() => undefined).then(() => this.#ask(conversation));
    this.#last.set(conversation, next);
    return next;
  }

  async #due(conversation: RefreshableConversation): Promise<void> {
    const { runtime, connection } = this.#deps;
    if (!connection.isOnline) return;
    this.#again.delete(conversation);
    // After a failure the comparison of heads on the next connection finds what is missing.
    await this.now(conversation).catch(() => undefined);
    // Reasons that arrive now have to wait, so that client and server cannot drive each other.
    runtime.delay(PAUSE, () => {
      this.#waiting.delete(conversation);
      if (conversation.state?.isStale ?? this.#again.has(conversation)) this.soon(conversation);
    });
  }

  async #ask(conversation: RefreshableConversation): Promise<void> {
    const input = { conversationId: conversation.id };
    try {
      const request = () => this.#deps.requests.call('conversation:get', input);
      conversation.applyItem(await askAbout(conversation, request));
    } catch (thrown) {
      if ((thrown as AppError).code === 'not_found') conversation.remove();
      throw thrown;
    }
  }
}
