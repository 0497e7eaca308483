import { MongoClient } from 'mongodb';

import type { ChatClient } from '../clients/chat-client.ts';
import { CommonClient } from '../clients/common-client.ts';
import { createUsers, createSession, type TestUser } from '../clients/test-user.ts';
import { SocketClient, type ClientOptions } from '../clients/socket-client.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { History } from '../history/history.ts';
import { spansOf } from '../history/membership.ts';
import type { HistoryRecord, StoredEntry } from '../history/model.ts';
import { Link } from '../../links/link.ts';
import type { Random } from '../random.ts';
import { waitUntil, pause } from '../time.ts';
import { HttpChanges } from './http-changes.ts';
import { Revocations } from './revocations.ts';

/** The load. */
export interface WorkloadOptions {
  /** Users who remain members until the end. At least 4. */
  readonly members: number;
  /** Messages a second, of all members together. */
  readonly rate: number;
  /** Characters of each message. */
  readonly textLength: number;
  /** Sessions that can be ended. */
  readonly revocable: number;
}

/** Users who are added to the group and removed from it again and again. */
const GUESTS = 3;
const KINDS = ['plain', 'heads', 'common'] as const;
/** Messages of one client that are not answered yet. */
const IN_FLIGHT = 4;
const CONNECT_MS = 60_000;
const ANSWERED_MS = 90_000;
const COMPLETE_MS = 60_000;
const POLL_MS = 300;

/** A conversation and the clients of its members. */
export interface Conversation {
  readonly conversationId: string;
  readonly members: readonly ChatClient[];
}

/** Two more devices of the first member, which connect over a link of their own. */
export interface ExtraDevices {
  readonly link: Link;
  readonly plain: SocketClient;
  readonly heads: SocketClient;
}

/** Users who send messages, join and leave while something is broken. */
export class Workload {
  readonly history = new History();
  readonly #cluster: Cluster;
  readonly #random: Random;
  readonly #options: WorkloadOptions;
  readonly #changes: HttpChanges;
  readonly #mongo: MongoClient;
  readonly #clients: ChatClient[] = [];
  readonly #guests: ChatClient[] = [];
  readonly #conversations: Conversation[] = [];
  readonly #inProgress = new Set<Promise<unknown>>();
  #state: 'idle' | 'sending' | 'stopped' = 'idle';
  #group: Conversation | undefined;
  #extraDevices: ExtraDevices | undefined;
  #revocations: Revocations | undefined;

  constructor(cluster: Cluster, random: Random, options: WorkloadOptions) {
    this.#cluster = cluster;
    this.#random = random;
    this.#options = options;
    this.#mongo = new MongoClient(cluster.mongo.uri, { readConcernLevel: 'majority' });
    this.#changes = new HttpChanges({
      origin: () => cluster.origin,
      history: this.history,
      isStopped: () => this.#state === 'stopped',
    });
  }

  /** The clients that use only `socket.io-client`. */
  get socketClients(): readonly SocketClient[] {
    return this.#clients.filter((client) => client instanceof SocketClient);
  }

  /** The group that all members belong to. */
  get group(): Conversation {
    return ifOpen(this.#group);
  }

  get extraDevices(): ExtraDevices {
    return ifOpen(this.#extraDevices);
  }

  get acknowledged(): number {
    return this.history.operations.filter(({ seq }) => seq !== undefined).length;
  }

  /** Connects all clients and creates the conversations. */
  async open(): Promise<void> {
    const { members, revocable } = this.#options;
    const { uri } = this.#cluster.mongo;
    const users = await createUsers(uri, members + GUESTS + 2);
    const clients = users
      .slice(0, members + GUESTS)
      .map((user, index) => this.#client(user, KINDS[index % 3]!));
    const [owner] = users as [TestUser];
    const sessions = await createSessions(uri, owner, revocable);
    const ending = sessions.map((user, index) => this.#client(user, KINDS[index % 2]!));
    this.#extraDevices = await this.#createExtraDevices(owner);
    const [blocked, blocking] = users.slice(-2) as [TestUser, TestUser];
    const client = this.#socketClient(blocked, 'plain');
    const blockingClient = this.#client(blocking, 'heads');
    await this.#connected();
    const conversation = await this.#createDirect(client, blockingClient);
    this.#revocations = new Revocations(
      this.#changes,
      ending.map((each) => ({ client: each, by: owner })),
      { client, by: blocking, conversationId: conversation.conversationId },
    );
    this.#guests.push(...clients.slice(members));
    await this.#createConversations(clients.slice(0, members));
  }

  /** The members begin to send messages, and the guests to join and leave. */
  start(): void {
    this.#state = 'sending';
    const senders = this.#conversations.flatMap(({ members }) => members);
    for (const client of new Set(senders)) this.run(this.#sendMessages(client));
    for (const guest of this.#guests) this.run(this.#joinAndLeave(guest));
  }

  /** Ends a session and blocks a user while the fault lasts. */
  disturb(): void {
    this.run(ifOpen(this.#revocations).disturb());
  }

  /** Ends `count` sessions at the same time. */
  revoke(count: number): void {
    this.run(ifOpen(this.#revocations).revoke(count));
  }

  /** Adds work that {@link settle} waits for. */
  run(work: Promise<unknown>): void {
    this.#inProgress.add(work);
    void work.finally(() => this.#inProgress.delete(work));
  }

  /**
   * Stops sending and waits until all operations are answered and all clients have received everything. Returns what did
   * not settle in time.
   */
  async settle(): Promise<string | undefined> {
    const healedAt = performance.now();
    this.#state = 'idle';
    if (!(await waitUntil(() => this.#inProgress.size === 0, ANSWERED_MS))) {
      return `${this.#inProgress.size} operations were not answered within ${ANSWERED_MS / 1_000} s`;
    }
    let missing: string | undefined;
    const hasAll = async () => (missing = await this.#describeMissing()) === undefined;
    const isComplete = await waitUntil(hasAll, COMPLETE_MS, POLL_MS);
    this.settledAt = performance.now();
    await ifOpen(this.#revocations).settle(healedAt);
    if (isComplete) return undefined;
    return `${COMPLETE_MS / 1_000} s later, ${missing ?? 'entries are still missing'}`;
  }

  /** When all clients had received everything (monotonic milliseconds). */
  settledAt = 0;

  /** Disconnects all clients and returns the history. */
  async finish(): Promise<HistoryRecord> {
    const entries = await this.#entries();
    for (const client of this.#clients) client.recordView();
    const record = this.history.record(entries);
    await this.close();
    return record;
  }

  async close(): Promise<void> {
    this.#state = 'stopped';
    for (const client of this.#clients) client.close();
    await this.#extraDevices?.link.close();
    await this.#mongo.close();
  }

  #client(user: TestUser, kind: (typeof KINDS)[number]): ChatClient {
    if (kind !== 'common') return this.#socketClient(user, kind);
    const client = new CommonClient(this.#optionsOf(user, kind));
    this.#clients.push(client);
    return client;
  }

  #socketClient(user: TestUser, kind: 'plain' | 'heads', origin?: string): SocketClient {
    const client = new SocketClient({ ...this.#optionsOf(user, kind, origin), kind });
    this.#clients.push(client);
    return client;
  }

  #optionsOf(user: TestUser, kind: string, origin = this.#cluster.origin): ClientOptions {
    const id = `client${this.#clients.length + 1}-${kind}`;
    return { id, user, origin, history: this.history, random: this.#random };
  }

  async #createExtraDevices(owner: TestUser): Promise<ExtraDevices> {
    const link = await Link.open({ target: Number(new URL(this.#cluster.origin).port) });
    const origin = `http://127.0.0.1:${link.port}`;
    const sessions = await createSessions(this.#cluster.mongo.uri, owner, 2);
    const [plain, heads] = sessions as [TestUser, TestUser];
    return {
      link,
      plain: this.#socketClient(plain, 'plain', origin),
      heads: this.#socketClient(heads, 'heads', origin),
    };
  }

  async #connected(): Promise<void> {
    for (const client of this.#clients) client.connect();
    const all = () => this.#clients.every(({ isConnected }) => isConnected);
    if (!(await waitUntil(all, CONNECT_MS))) throw new Error('Not all clients could connect');
  }

  async #createConversations(members: readonly ChatClient[]): Promise<void> {
    const [first, second, third, fourth] = members as [
      ChatClient,
      ChatClient,
      ChatClient,
      ChatClient,
    ];
    this.#group = await this.#createGroup('Everybody', members);
    const half = await this.#createGroup('Half', members.slice(0, Math.ceil(members.length / 2)));
    const directs = [
      await this.#createDirect(first, second),
      await this.#createDirect(third, fourth),
    ];
    this.#conversations.push(this.#group, half, ...directs);
  }

  async #createGroup(title: string, members: readonly ChatClient[]): Promise<Conversation> {
    const [owner, ...others] = members as [ChatClient, ...ChatClient[]];
    const userIds = others.map(({ user }) => user.userId);
    const input = { kind: 'group', title, userIds };
    return openOnAll(await this.#changes.create(owner.user, input), members);
  }

  async #createDirect(first: ChatClient, second: ChatClient): Promise<Conversation> {
    const input = { kind: 'direct', userId: second.user.userId };
    return openOnAll(await this.#changes.create(first.user, input), [first, second]);
  }

  #isSending(): boolean {
    return this.#state === 'sending';
  }

  async #sendMessages(client: ChatClient): Promise<void> {
    const own = this.#conversations.filter(({ members }) => members.includes(client));
    const { members, rate, textLength } = this.#options;
    const interval = (members / rate) * 1_000;
    let inProgress = 0;
    let count = 0;
    while (this.#isSending()) {
      await pause(this.#random.between(interval * 0.5, interval * 1.5));
      if (inProgress >= IN_FLIGHT || !this.#isSending()) continue;
      const { conversationId } = this.#random.pick(own);
      count += 1;
      inProgress += 1;
      const isChained = client.record.kind === 'heads';
      const text = `${client.record.id} message ${count}`.padEnd(textLength, '.');
      const sent = client.send({ conversationId, text, isChained });
      this.run(sent.finally(() => (inProgress -= 1)));
    }
  }

  async #joinAndLeave(guest: ChatClient): Promise<void> {
    const { conversationId, members } = this.group;
    const owner = members[0]!.user;
    guest.open(conversationId);
    while (this.#isSending()) {
      await this.#changes.add(owner, conversationId, guest.user.userId);
      await pause(this.#random.between(300, 2_000), () => !this.#isSending());
      if (!this.#isSending()) return;
      await this.#changes.remove(owner, conversationId, guest.user.userId);
      await pause(this.#random.between(300, 2_000), () => !this.#isSending());
    }
  }

  /** A client that has not received all entries; undefined if all have. */
  async #describeMissing(): Promise<string | undefined> {
    const entries = await this.#entries();
    const ids = [...new Set(entries.map(({ conversationId }) => conversationId))];
    for (const conversationId of ids) {
      const log = entries.filter((entry) => entry.conversationId === conversationId);
      for (const client of this.#clients) {
        const open = spansOf(log, client.user.userId).find(({ to }) => to === Infinity);
        if (!client.record.mustBeComplete || open === undefined) continue;
        const missing = client.missing({ conversationId, from: open.from, to: log.length });
        if (missing.length > 0) {
          const range = `${open.from} to ${log.length} of ${conversationId}`;
          return `${client.record.id} still lacks ${missing.length} of the entries ${range}, from ${missing[0]} on`;
        }
      }
    }
    return undefined;
  }

  /** The logs of the conversations of this workload, sorted. */
  #entries(): Promise<StoredEntry[]> {
    const ids = [...new Set(this.history.operations.map(({ conversationId }) => conversationId))];
    return this.#mongo
      .db()
      .collection<StoredEntry>('entries')
      .find({ conversationId: { $in: ids } }, { projection: { _id: 0 } })
      .sort({ conversationId: 1, seq: 1 })
      .toArray();
  }
}

function ifOpen<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('The workload is not open');
  return value;
}

function openOnAll(conversationId: string, members: readonly ChatClient[]): Conversation {
  for (const client of members) client.open(conversationId);
  return { conversationId, members };
}

function createSessions(uri: string, user: TestUser, count: number): Promise<TestUser[]> {
  return Promise.all(Array.from({ length: count }, () => createSession(uri, user)));
}
