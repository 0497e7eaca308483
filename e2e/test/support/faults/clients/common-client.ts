import { createClient, type Client } from '@parley/client-common';

import type { History } from '../history/history.ts';
import type { Attempt, ConnectionRecord, DeviceRecord, Operation } from '../history/model.ts';
import { waitUntil } from '../time.ts';
import type { ChatClient, Outgoing, Range } from './chat-client.ts';
import type { TestUser } from './test-user.ts';
import { absentFrom } from './progress.ts';
import type { ClientOptions } from './socket-client.ts';

type MessageItems = ReturnType<ReturnType<Client['conversation']>['timeline']['get']>['items'];

/** Milliseconds until a change of a timeline is read. */
const SETTLE_MS = 100;

interface Pending {
  readonly operation: Operation;
  readonly attempt: Attempt;
}

/** The client of `@parley/client-common`. It reconnects and repeats by itself; what it shows at the end is checked. */
export class CommonClient implements ChatClient {
  readonly user: TestUser;
  readonly record: DeviceRecord;
  readonly #client: Client;
  readonly #history: History;
  readonly #opened = new Map<string, () => void>();
  readonly #pending = new Map<string, Pending>();
  #connection: ConnectionRecord | undefined;
  #isClosed = false;

  constructor({ history, id, origin, user }: ClientOptions) {
    this.user = user;
    this.#history = history;
    this.record = history.device({ id, kind: 'common', userId: user.userId });
    this.#client = createClient({
      url: origin,
      credentials: () => Promise.resolve(user.token),
      userId: user.userId,
      windowEntries: 1_000_000,
    });
    this.#client.connection.subscribe(() => {
      if (!this.isConnected) this.#disconnected();
    });
    this.#client.onEvent('ready', () => {
      this.#disconnected();
      this.#connection = history.connect(this.record);
    });
    this.#client.onEvent('entry', (entry) => {
      if (this.#connection !== undefined) history.entry(this.#connection, 'live', entry);
    });
    this.#client.onEvent('conversation', (event) => {
      if (this.#connection === undefined || event.action === 'updated') return;
      const { action } = event;
      const conversationId = action === 'added' ? event.conversation.id : event.conversationId;
      history.notice(this.#connection, { via: action, conversationId });
    });
    this.#client.onEvent('session:closed', () => (this.record.mustBeComplete = false));
  }

  get isConnected(): boolean {
    return this.#client.connection.get().status === 'online';
  }

  connect(): void {
    this.#client.start();
  }

  close(): void {
    this.#isClosed = true;
    for (const unsubscribe of this.#opened.values()) unsubscribe();
    this.#client.stop();
    this.#disconnected();
  }

  cut(): void {
    this.#client.stop();
    this.#client.start();
  }

  open(conversationId: string): void {
    if (this.#opened.has(conversationId)) return;
    const { loadNewer, loadOlder, timeline } = this.#client.conversation(conversationId);
    // A snapshot for each entry of a long conversation would keep this process busy.
    let timer: NodeJS.Timeout | undefined;
    const settle = () => {
      timer = undefined;
      const { hasNewer, hasOlder, items } = timeline.get();
      this.#settle(items);
      // A timeline that fell far behind stays where its reader was until more is loaded, and hides what is sent.
      if (hasNewer) loadNewer().catch(() => undefined);
      // A timeline that is opened, or joined anew, begins with its newest page. The whole membership is checked.
      else if (hasOlder) loadOlder().catch(() => undefined);
    };
    const unsubscribe = timeline.subscribe(() => (timer ??= setTimeout(settle, SETTLE_MS)));
    this.#opened.set(conversationId, () => {
      unsubscribe();
      clearTimeout(timer);
    });
  }

  async send({ conversationId, mustFail, text }: Outgoing): Promise<void> {
    const clientId = this.#client.conversation(conversationId).send(text);
    const operation = this.#history.operation({
      device: this.record.id,
      userId: this.user.userId,
      ...{ conversationId, clientId, text, kind: 'message' },
      ...(mustFail === undefined ? {} : { mustFail }),
    });
    this.#pending.set(clientId, {
      operation,
      attempt: this.#history.attempt(operation, undefined),
    });
    await waitUntil(() => this.#isClosed || !this.#pending.has(clientId), Infinity);
  }

  missing({ conversationId, ...range }: Range): readonly number[] {
    return absentFrom(new Set(this.#shown(conversationId)), range);
  }

  recordView(): void {
    for (const conversationId of this.#opened.keys()) {
      this.record.views[conversationId] = this.#shown(conversationId);
    }
  }

  #shown(conversationId: string): number[] {
    const { items } = this.#client.conversation(conversationId).timeline.get();
    return items.flatMap(({ seq }) => (seq === null ? [] : [seq]));
  }

  /** Records the answers of pending messages. */
  #settle(items: MessageItems): void {
    if (this.#pending.size === 0) return;
    for (const item of items.slice(-500)) {
      if (item.kind !== 'message' || item.delivery === null) continue;
      const pending = this.#pending.get(item.clientId);
      const { delivery } = item;
      if (pending === undefined || delivery.state === 'saving' || delivery.state === 'sending') {
        continue;
      }
      this.#pending.delete(item.clientId);
      const { attempt, operation } = pending;
      if (delivery.state === 'failed') {
        this.#history.answer(operation, attempt, { outcome: 'failed', code: delivery.code });
      } else if (item.seq !== null) {
        this.#history.answer(operation, attempt, { outcome: 'ok', seq: item.seq });
      }
    }
  }

  #disconnected(): void {
    if (this.#connection !== undefined) this.#history.disconnect(this.#connection);
    this.#connection = undefined;
  }
}
