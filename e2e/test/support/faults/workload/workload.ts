import { MongoClient } from 'mongodb';

import type { ChatClient } from '../clients/chat-client.ts';
import { CommonClient } from '../clients/common-client.ts';
import { createPeople, createSession, type Person } from '../clients/person.ts';
import { SocketClient, type ClientOptions } from '../clients/socket-client.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { History } from '../history/history.ts';
import { spansOf } from '../history/membership.ts';
import type { HistoryRecord, StoredEntry } from '../history/model.ts';
import { Link } from '../../links/link.ts';
import type { Random } from '../random.ts';
import { becomes, hold } from '../time.ts';
import { HttpChanges } from './http-changes.ts';
import { Withdrawals } from './withdrawals.ts';

/** How much goes on. */
export interface WorkloadOptions {
  /** Users who are members to the end. At least 4. */
  readonly members: number;
  /** Messages a second of all of them together. */
  readonly rate: number;
  /** Characters of each message. */
  readonly textLength: number;
  /** Sessions that can be ended. */
  readonly revocable: number;
}

const GUESTS = 3;
const KINDS = ['plain', 'heads', 'common'] as const;
/** Messages that one client has under way. */
const IN_FLIGHT = 4;
const CONNECT_MS = 60_000;
const ANSWERED_MS = 90_000;
const COMPLETE_MS = 60_000;
const LOOK_MS = 300;

/** A conversation of the workload and the clients of its members. */
export interface Talk {
  readonly conversationId: string;
  readonly members: readonly ChatClient[];
}

/** Further devices of the first member, behind a link of their own. */
export interface Spares {
  readonly link: Link;
  readonly plain: SocketClient;
  readonly heads: SocketClient;
}

/** People who write to each other, come and go, while something is broken. */
export class Workload {
  readonly history = new History();
  readonly #cluster: Cluster;
  readonly #random: Random;
  readonly #options: WorkloadOptions;
  readonly #changes: HttpChanges;
  readonly #mongo: MongoClient;
  readonly #clients: ChatClient[] = [];
  readonly #guests: ChatClient[] = [];
  readonly #talks: Talk[] = [];
  readonly #underway = new Set<Promise<unknown>>();
  #state: 'idle' | 'sending' | 'over' = 'idle';
  #group: Talk | undefined;
  #spares: Spares | undefined;
  #withdrawals: Withdrawals | undefined;

  constructor(cluster: Cluster, random: Random, options: WorkloadOptions) {
    this.#cluster = cluster;
    this.#random = random;
    this.#options = options;
    this.#mongo = new MongoClient(cluster.mongo.uri, { readConcernLevel: 'majority' });
    this.#changes = new HttpChanges({
      origin: () => cluster.origin,
      history: this.history,
      isOver: () => this.#state === 'over',
    });
  }

  /** The clients that are nothing but Socket.IO. */
  get socketClients(): readonly SocketClient[] {
    return this.#clients.filter((client) => client instanceof SocketClient);
  }

  /** The group in which everybody is. */
  get group(): Talk {
    return opened(this.#group);
  }

  get spares(): Spares {
    return opened(this.#spares);
  }

  get acknowledged(): number {
    return this.history.operations.filter(({ seq }) => seq !== undefined).length;
  }

  /** Connects everybody and creates the conversations. */
  async open(): Promise<void> {
    const { members, revocable } = this.#options;
    const { uri } = this.#cluster.mongo;
    const people = await createPeople(uri, members + GUESTS + 2);
    const clients = people
      .slice(0, members + GUESTS)
      .map((person, index) => this.#client(person, KINDS[index % 3]!));
    const [owner] = people as [Person];
    const sessions = await createSessions(uri, owner, revocable);
    const ending = sessions.map((person, index) => this.#client(person, KINDS[index % 2]!));
    this.#spares = await this.#createSpares(owner);
    const [blocked, blocking] = people.slice(-2) as [Person, Person];
    const client = this.#socketClient(blocked, 'plain');
    const blockingClient = this.#client(blocking, 'heads');
    await this.#connected();
    const talk = await this.#createDirect(client, blockingClient);
    this.#withdrawals = new Withdrawals(
      this.#changes,
      ending.map((each) => ({ client: each, by: owner })),
      { client, by: blocking, conversationId: talk.conversationId },
    );
    this.#guests.push(...clients.slice(members));
    await this.#createTalks(clients.slice(0, members));
  }

  /** Everybody begins to write; guests begin to come and go. */
  start(): void {
    this.#state = 'sending';
    const senders = this.#talks.flatMap(({ members }) => members);
    for (const client of new Set(senders)) this.run(this.#write(client));
    for (const guest of this.#guests) this.run(this.#comeAndGo(guest));
  }

  /** Ends a session and blocks somebody, in the middle of whatever is wrong. */
  disturb(): void {
    this.run(opened(this.#withdrawals).disturb());
  }

  /** Ends so many sessions at once. */
  revoke(count: number): void {
    this.run(opened(this.#withdrawals).revoke(count));
  }

  /** Adds work that has to be done before it is quiet. */
  run(work: Promise<unknown>): void {
    this.#underway.add(work);
    void work.finally(() => this.#underway.delete(work));
  }

  /** Waits for what is under way. Answers what did not settle, if something did not. */
  async settle(): Promise<string | undefined> {
    const healedAt = performance.now();
    this.#state = 'idle';
    if (!(await becomes(() => this.#underway.size === 0, ANSWERED_MS))) {
      return `${this.#underway.size} operations were not answered within ${ANSWERED_MS / 1_000} s`;
    }
    let lacking: string | undefined;
    const isComplete = async () => (lacking = await this.#lacking()) === undefined;
    const isQuiet = await becomes(isComplete, COMPLETE_MS, LOOK_MS);
    this.settledAt = performance.now();
    await opened(this.#withdrawals).settle(healedAt);
    if (isQuiet) return undefined;
    return `${COMPLETE_MS / 1_000} s later ${lacking ?? 'something'} was still missing`;
  }

  /** When everybody had everything. */
  settledAt = 0;

  /** Everything that happened. Afterwards nobody is connected. */
  async finish(): Promise<HistoryRecord> {
    const entries = await this.#entries();
    for (const client of this.#clients) client.look();
    const record = this.history.record(entries);
    await this.close();
    return record;
  }

  async close(): Promise<void> {
    this.#state = 'over';
    for (const client of this.#clients) client.close();
    await this.#spares?.link.close();
    await this.#mongo.close();
  }

  #client(person: Person, kind: (typeof KINDS)[number]): ChatClient {
    if (kind !== 'common') return this.#socketClient(person, kind);
    const client = new CommonClient(this.#optionsOf(person, kind));
    this.#clients.push(client);
    return client;
  }

  #socketClient(person: Person, kind: 'plain' | 'heads', origin?: string): SocketClient {
    const client = new SocketClient({ ...this.#optionsOf(person, kind, origin), kind });
    this.#clients.push(client);
    return client;
  }

  #optionsOf(person: Person, kind: string, origin = this.#cluster.origin): ClientOptions {
    const id = `client${this.#clients.length + 1}-${kind}`;
    return { id, person, origin, history: this.history, random: this.#random };
  }

  async #createSpares(owner: Person): Promise<Spares> {
    const link = await Link.open({ target: Number(new URL(this.#cluster.origin).port) });
    const origin = `http://127.0.0.1:${link.port}`;
    const sessions = await createSessions(this.#cluster.mongo.uri, owner, 2);
    const [plain, heads] = sessions as [Person, Person];
    return {
      link,
      plain: this.#socketClient(plain, 'plain', origin),
      heads: this.#socketClient(heads, 'heads', origin),
    };
  }

  async #connected(): Promise<void> {
    for (const client of this.#clients) client.connect();
    const all = () => this.#clients.every(({ isConnected }) => isConnected);
    if (!(await becomes(all, CONNECT_MS))) throw new Error('Not all clients could connect');
  }

  async #createTalks(members: readonly ChatClient[]): Promise<void> {
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
    this.#talks.push(this.#group, half, ...directs);
  }

  async #createGroup(title: string, members: readonly ChatClient[]): Promise<Talk> {
    const [owner, ...others] = members as [ChatClient, ...ChatClient[]];
    const userIds = others.map(({ person }) => person.userId);
    const input = { kind: 'group', title, userIds };
    return openedBy(await this.#changes.create(owner.person, input), members);
  }

  async #createDirect(one: ChatClient, other: ChatClient): Promise<Talk> {
    const input = { kind: 'direct', userId: other.person.userId };
    return openedBy(await this.#changes.create(one.person, input), [one, other]);
  }

  #isSending(): boolean {
    return this.#state === 'sending';
  }

  async #write(client: ChatClient): Promise<void> {
    const mine = this.#talks.filter(({ members }) => members.includes(client));
    const { members, rate, textLength } = this.#options;
    const pause = (members / rate) * 1_000;
    let underway = 0;
    let count = 0;
    while (this.#isSending()) {
      await hold(this.#random.between(pause * 0.5, pause * 1.5));
      if (underway >= IN_FLIGHT || !this.#isSending()) continue;
      const { conversationId } = this.#random.pick(mine);
      count += 1;
      underway += 1;
      const isChained = client.record.kind === 'heads';
      const text = `${client.record.id} writes ${count}`.padEnd(textLength, '.');
      const sent = client.send({ conversationId, text, isChained });
      this.run(sent.finally(() => (underway -= 1)));
    }
  }

  async #comeAndGo(guest: ChatClient): Promise<void> {
    const { conversationId, members } = this.group;
    const owner = members[0]!.person;
    guest.open(conversationId);
    while (this.#isSending()) {
      await this.#changes.add(owner, conversationId, guest.person.userId);
      await hold(this.#random.between(300, 2_000), () => !this.#isSending());
      if (!this.#isSending()) return;
      await this.#changes.remove(owner, conversationId, guest.person.userId);
      await hold(this.#random.between(300, 2_000), () => !this.#isSending());
    }
  }

  /** Who lacks something that it has to have; undefined if nobody does. */
  async #lacking(): Promise<string | undefined> {
    const entries = await this.#entries();
    const ids = [...new Set(entries.map(({ conversationId }) => conversationId))];
    for (const conversationId of ids) {
      const log = entries.filter((entry) => entry.conversationId === conversationId);
      for (const client of this.#clients) {
        const open = spansOf(log, client.person.userId).find(({ to }) => to === Infinity);
        if (!client.record.isThere || open === undefined) continue;
        const count = client.lacks({ conversationId, from: open.from, to: log.length });
        if (count > 0) {
          const range = `${open.from} to ${log.length} of ${conversationId}`;
          return `${count} of the entries ${range} for ${client.record.id}`;
        }
      }
    }
    return undefined;
  }

  /** The logs of this workload, sorted. */
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

function opened<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('The workload is not open');
  return value;
}

function openedBy(conversationId: string, members: readonly ChatClient[]): Talk {
  for (const client of members) client.open(conversationId);
  return { conversationId, members };
}

function createSessions(uri: string, person: Person, count: number): Promise<Person[]> {
  return Promise.all(Array.from({ length: count }, () => createSession(uri, person)));
}
