/* eslint-disable @typescript-eslint/no-explicit-any -- this client reads answers as a program without our types does */
import { io, type Socket } from 'socket.io-client';

import type { History, WireEntry } from '../history/history.ts';
import type { ConnectionRecord, DeviceRecord, Operation } from '../history/model.ts';
import type { Random } from '../random.ts';
import { pause, waitUntil } from '../time.ts';
import type { ChatClient, Outgoing, Range } from './chat-client.ts';
import type { TestUser } from './test-user.ts';
import { Progress } from './progress.ts';

const ANSWER_MS = 20_000;
const RETRY_MS = 200;
const MARK_MS = 1_000;
/** Entries in one page that it pulls. */
const PULL = 200;

/** What it reads of a head. */
interface Head {
  readonly conversationId: string;
  readonly joinedSeq: number;
  readonly lastSeq: number;
}

/** How to create a client. */
export interface ClientOptions {
  readonly id: string;
  readonly user: TestUser;
  /** The URL that it connects to. */
  readonly origin: string;
  readonly history: History;
  readonly random: Random;
}

/** A client that uses only `socket.io-client`: a plain client or a heads client. */
export class SocketClient implements ChatClient {
  readonly user: TestUser;
  readonly record: DeviceRecord;
  readonly #history: History;
  readonly #random: Random;
  readonly #socket: Socket;
  readonly #isHeads: boolean;
  readonly #progress = new Map<string, Progress>();
  readonly #marked = new Map<string, number>();
  readonly #lastSent = new Map<string, string>();
  /** The heads as of the last comparison. */
  readonly #heads = new Map<string, Head>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #marks: NodeJS.Timeout;
  #connection: ConnectionRecord | undefined;
  #syncToken: string | undefined;
  #isSyncing = false;
  #isClosed = false;
  #sent = 0;

  constructor(options: ClientOptions & { readonly kind: 'plain' | 'heads' }) {
    const { history, id, kind, origin, user, random } = options;
    this.user = user;
    this.#history = history;
    this.#random = random;
    this.#isHeads = kind === 'heads';
    this.record = history.device({ id, kind, userId: user.userId });
    this.#socket = io(origin, {
      transports: ['websocket'],
      forceNew: true,
      autoConnect: false,
      auth: { token: user.token, ...(this.#isHeads ? { sync: 'heads' } : {}) },
      reconnectionDelay: 100,
      reconnectionDelayMax: 1_000,
      timeout: 10_000,
    });
    this.#followConnection();
    this.#followEvents();
    this.#marks = setInterval(() => this.#sendMarks(), MARK_MS);
  }

  get isConnected(): boolean {
    return this.#socket.connected;
  }

  connect(): void {
    this.#socket.connect();
  }

  /** Disconnects until {@link connect} is called. */
  leave(): void {
    this.#socket.disconnect();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#marks);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#socket.disconnect();
    this.#disconnected();
  }

  cut(): void {
    // A killed process sends no close frame.
    const { ws } = this.#socket.io.engine.transport as unknown as {
      ws?: { terminate: () => void };
    };
    ws?.terminate();
  }

  open(): void {
    // The server sends all entries without a request.
  }

  recordView(): void {
    // This client shows nothing.
  }

  missing({ conversationId, from, to }: Range): readonly number[] {
    return this.#progressOf(conversationId).missing(from, to);
  }

  async send({ conversationId, isChained, mustFail, text }: Outgoing): Promise<void> {
    this.#sent += 1;
    const clientId = `${this.record.id}-${this.#sent}`;
    const after = isChained === true ? this.#lastSent.get(conversationId) : undefined;
    this.#lastSent.set(conversationId, clientId);
    const operation = this.#history.operation({
      device: this.record.id,
      userId: this.user.userId,
      ...{ conversationId, clientId, text, kind: 'message' },
      ...(after === undefined ? {} : { after }),
      ...(mustFail === undefined ? {} : { mustFail }),
    });
    while (!this.#isClosed) {
      await waitUntil(() => this.isConnected || this.#isClosed, Infinity);
      if (await this.#attempt(operation)) return;
      await pause(RETRY_MS);
    }
  }

  /** Sends a message and disconnects before the answer. The outcome stays unknown. */
  sendAndDisconnect(conversationId: string): void {
    this.#sent += 1;
    const clientId = `${this.record.id}-${this.#sent}`;
    const operation = this.#history.operation({
      device: this.record.id,
      userId: this.user.userId,
      ...{ conversationId, clientId, text: clientId, kind: 'message' },
    });
    this.#history.attempt(operation, this.#connection);
    this.#socket.emit(
      'message:send',
      { conversationId, clientId, text: clientId },
      () => undefined,
    );
    this.#later(1, () => this.cut());
  }

  /** Makes one attempt. Returns whether it was the last one. */
  async #attempt(operation: Operation): Promise<boolean> {
    if (!this.isConnected) return this.#isClosed;
    const { after, clientId, conversationId, text } = operation;
    const connection = this.#connection;
    const attempt = this.#history.attempt(operation, connection);
    const input = { conversationId, clientId, text, ...(after === undefined ? {} : { after }) };
    const answer = await this.#call('message:send', input);
    if (answer === undefined) return false;
    if (answer.ok === true) {
      const entry = answer.data as WireEntry;
      this.#history.answer(operation, attempt, { outcome: 'ok', seq: entry.seq });
      if (connection !== undefined) this.#history.entry(connection, 'ack', entry);
      this.#progressOf(conversationId).add(entry.seq);
      return true;
    }
    const { code, retryable } = answer.error as { code: string; retryable: boolean };
    const isFinal = !retryable;
    const isRefused = isFinal || code === 'conflict' || code === 'rate_limited';
    this.#history.answer(operation, attempt, { outcome: isRefused ? 'failed' : 'unknown', code });
    return isFinal;
  }

  /** Calls an operation. Resolves with the answer, or with undefined if none arrives in time. */
  async #call(name: string, input: unknown): Promise<any> {
    try {
      return await this.#socket.timeout(ANSWER_MS).emitWithAck(name, input);
    } catch {
      return undefined;
    }
  }

  #followConnection(): void {
    const socket = this.#socket;
    socket.on('connect', () => {
      this.#connection = this.#history.connect(this.record);
    });
    socket.on('disconnect', (reason) => {
      this.#disconnected();
      if (reason === 'io server disconnect') this.#later(RETRY_MS, () => this.#reconnect());
    });
    socket.on('connect_error', (error: Error & { data?: { retryable?: boolean } }) => {
      // Socket.IO repeats failed attempts by itself, but not refused ones.
      if (socket.active || error.data?.retryable === false) return;
      this.#later(RETRY_MS + this.#random.below(1_000), () => this.#reconnect());
    });
    socket.on('session:closed', () => {
      this.#isClosed = true;
      this.record.mustBeComplete = false;
    });
    socket.on('server:draining', ({ reconnectInMs }: { reconnectInMs: number }) => {
      this.#later(reconnectInMs, () => {
        socket.disconnect();
        this.#reconnect();
      });
    });
  }

  #followEvents(): void {
    const socket = this.#socket;
    socket.on('ready', () => {
      if (this.#isHeads) void this.#sync();
    });
    socket.on('entry', (entry: WireEntry) => this.#receive('live', [entry]));
    socket.on('sync:page', (page: { entries: WireEntry[] }, ack: () => void) => {
      this.#receive('page', page.entries);
      ack();
    });
    socket.on('resync', (event: { conversationIds?: string[]; withinMs: number }) => {
      this.#notice({ via: 'resync', conversationIds: event.conversationIds });
      this.#later(this.#random.below(event.withinMs + 1), () => void this.#sync());
    });
    socket.on('conversation', (event: any) => {
      if (event.action === 'added') {
        this.#progressOf(event.conversation.id).restart();
        this.#notice({ via: 'added', conversationId: event.conversation.id });
      }
      if (event.action === 'removed') {
        this.#notice({ via: 'removed', conversationId: event.conversationId });
      }
    });
  }

  #receive(via: 'live' | 'page' | 'pull', entries: readonly WireEntry[]): void {
    for (const entry of entries) {
      if (this.#connection !== undefined) this.#history.entry(this.#connection, via, entry);
      this.#progressOf(entry.conversationId).add(entry.seq);
    }
  }

  #notice(notice: Parameters<History['notice']>[1]): void {
    if (this.#connection !== undefined) this.#history.notice(this.#connection, notice);
  }

  /** Compares heads and pulls missing entries. Repeats this until it succeeds or the connection ends. */
  async #sync(): Promise<void> {
    const connection = this.#connection;
    if (this.#isSyncing || connection === undefined) return;
    this.#isSyncing = true;
    try {
      while (connection === this.#connection && !(await this.#syncOnce(connection))) {
        await pause(RETRY_MS);
      }
    } finally {
      this.#isSyncing = false;
      // A new connection was opened during this comparison and needs one of its own.
      if (this.#connection !== undefined && connection !== this.#connection) void this.#sync();
    }
  }

  async #syncOnce(connection: ConnectionRecord): Promise<boolean> {
    const since = this.#syncToken;
    const answer = await this.#call('sync', { since });
    if (answer?.ok !== true || connection !== this.#connection) return false;
    const { changes, heads, hasMore, syncToken } = answer.data;
    if (!changes) this.#heads.clear();
    for (const id of changes?.left ?? []) this.#heads.delete(id);
    for (const head of heads) this.#heads.set(head.conversationId, head);
    for (const { conversationId, joinedSeq, lastSeq } of this.#heads.values()) {
      this.#notice({ via: 'head', conversationId, seq: lastSeq });
      if (!(await this.#pull({ conversationId, from: joinedSeq, to: lastSeq }))) return false;
    }
    // It compares one page.
    this.#syncToken = hasMore === true ? undefined : (syncToken ?? undefined);
    return true;
  }

  async #pull({ conversationId, from, to }: Range): Promise<boolean> {
    const progress = this.#progressOf(conversationId);
    if (progress.missing(from, to).length === 0) return true;
    let after = Math.max(from - 1, progress.top >= from ? progress.top : 0);
    for (let hasMore = true; hasMore;) {
      const page = await this.#call('conversation:entries', { conversationId, after, limit: PULL });
      // The user is no longer a member.
      if (page?.error?.code === 'not_found') return true;
      if (page?.ok !== true) return false;
      const { entries, hasMore: more } = page.data as { entries: WireEntry[]; hasMore: boolean };
      this.#receive('pull', entries);
      after = entries.at(-1)?.seq ?? after;
      hasMore = more;
    }
    return true;
  }

  /** Sends delivered marks for what it has received, as a client does some time after the newest entry. */
  #sendMarks(): void {
    if (!this.isConnected) return;
    for (const [conversationId, { top }] of this.#progress) {
      if ((this.#marked.get(conversationId) ?? 0) >= top) continue;
      this.#marked.set(conversationId, top);
      void this.#call('receipt:delivered', { conversationId, seq: top }).then((answer) => {
        if (answer?.ok === true) {
          const { deliveredSeq: seq } = answer.data;
          this.#notice({ via: 'mark', conversationId, seq });
        } else this.#marked.delete(conversationId);
      });
    }
  }

  #progressOf(conversationId: string): Progress {
    const found = this.#progress.get(conversationId) ?? new Progress();
    this.#progress.set(conversationId, found);
    return found;
  }

  #disconnected(): void {
    if (this.#connection !== undefined) this.#history.disconnect(this.#connection);
    this.#connection = undefined;
  }

  #reconnect(): void {
    if (!this.#isClosed && !this.#socket.connected) this.#socket.connect();
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }
}
