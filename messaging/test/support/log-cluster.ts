import assert from 'node:assert/strict';
import { Metrics } from '@parley/backend-common';

import type { Appended } from '../../src/log/conversation-log.ts';
import type { EntryContent, EntryDocument } from '../../src/log/entry-document.ts';
import type { EntryRepository } from '../../src/log/entry-repository.ts';
import type { ForwardingLink } from '../../src/log/forwarding/ports.ts';
import type { InsertOutcome } from '../../src/log/insert-outcome.ts';
import { createLogMetrics } from '../../src/log/log-metrics.ts';
import { NodeLog } from '../../src/log/node-log.ts';
import type { Committed } from '../../src/log/ports.ts';
import type { Timers } from '../../src/log/timers.ts';
import { newId, say } from './test-log.ts';
import { turn } from './stepped-timers.ts';

export const CONVERSATION = newId();
/** An owner and members of the conversation. */
export const PEOPLE = Array.from({ length: 4 }, () => newId());

/** What one node sends to the others. */
interface Message {
  readonly kind: 'entries' | 'forwarded' | 'answered';
  readonly from: LogNode;
  readonly deliver: (to: LogNode) => void;
}

/** What happens with a message between two nodes. */
type Transmission = 'delivered' | 'lost' | 'twice';

/** Short delays end in the next turn of the event loop; long ones when the test calls {@link expire}. */
class TestTimers implements Timers {
  readonly #long: { readonly ms: number; readonly callback: () => void }[] = [];

  after(ms: number, callback: () => void): void {
    if (ms < 400) setImmediate(callback);
    else this.#long.push({ ms, callback });
  }

  clear(): void {
    this.#long.length = 0;
  }

  /** Lets every long delay expire that is set now. */
  expire(): void {
    for (const { callback } of this.#long.splice(0)) callback();
  }
}

/** One node: its log over the shared entries. */
export class LogNode {
  readonly nodeId: string;
  readonly log: NodeLog;
  readonly timers = new TestTimers();
  readonly committed: Committed[] = [];
  readonly faults: string[] = [];
  /** Entries as the sockets of this node get them, with the socket that does not. */
  readonly delivered: { readonly seq: number; readonly except: string | undefined }[] = [];
  readonly metrics = new Metrics('test');
  isUp = true;
  /** Decides what happens with each message to this node. Delivered messages arrive in the next turn. */
  transmission: (message: Message) => Transmission = () => 'delivered';
  /** Runs the command on the log; a test may keep it from being run, or its outcome from being known. */
  insert: (run: () => InsertOutcome) => Promise<InsertOutcome> = (run) => Promise.resolve(run());

  constructor(cluster: LogCluster, nodeId: string) {
    this.nodeId = nodeId;
    const forwarding: ForwardingLink = {
      nodeId,
      isUp: () => this.isUp,
      isAlive: (other) => cluster.nodes.some(({ nodeId: known }) => known === other),
      forward: (batch) => {
        const copy = structuredClone(batch);
        cluster.send({
          kind: 'forwarded',
          from: this,
          deliver: (to) => to.log.forwarding.receive(structuredClone(copy), nodeId),
        });
      },
      answer: (answer) => {
        const copy = structuredClone(answer);
        cluster.send({
          kind: 'answered',
          from: this,
          deliver: (to) => to.log.forwarding.receiveAnswer(copy, nodeId),
        });
      },
    };
    this.log = new NodeLog({
      entries: cluster.entriesFor(this) as unknown as EntryRepository,
      conversations: { find: () => Promise.resolve(ORIGIN) },
      projector: { project: () => Promise.resolve(), heal: () => Promise.resolve([]) },
      forwarding,
      newId,
      now: () => cluster.now,
      monotonic: () => cluster.now,
      timers: this.timers,
      random: () => 0,
      metrics: createLogMetrics(this.metrics),
      reportFault: (fault) => this.faults.push(fault),
    });
    this.log.subscribe((committed) => {
      this.committed.push(committed);
      for (const { document, originSocketId } of committed.entries)
        this.delivered.push({ seq: document.seq, except: originSocketId });
      if (!committed.isOwn) return;
      const documents = structuredClone(committed.entries.map(({ document }) => document));
      cluster.send({ kind: 'entries', from: this, deliver: (to) => to.hear(documents, nodeId) });
    });
  }

  /** Entries arrive that another node committed. */
  hear(documents: readonly EntryDocument[], from: string): void {
    for (const document of documents) {
      const entry = this.log.committedEntry(document);
      this.delivered.push({ seq: document.seq, except: entry.originSocketId });
      this.log.received(entry, from);
    }
  }

  /** Sends a message of a user. The text is the key. */
  say(text: string, sender = PEOPLE[0]!): Promise<Appended> {
    return this.append(say(text), text, sender);
  }

  append(content: EntryContent, clientId: string, senderId: string): Promise<Appended> {
    return this.log.append({
      conversationId: CONVERSATION,
      senderId,
      clientId,
      content,
      originSocketId: `socket of ${senderId}`,
    });
  }

  /** The value of a counter, of one `outcome` if it is given. */
  async counted(name: string, outcome?: string): Promise<number> {
    const { values = [] } = (await this.metrics.registry.getSingleMetric(name)?.get()) ?? {};
    return values
      .filter(({ labels }) => outcome === undefined || labels['outcome'] === outcome)
      .reduce((sum, { value }) => sum + value, 0);
  }
}

const ORIGIN = {
  _id: CONVERSATION,
  kind: 'group',
  createdBy: PEOPLE[0]!,
  createdAt: 0,
  founders: PEOPLE,
  founderTitle: 'Test',
  membersSeq: 1_000_000,
} as const;

/** Nodes over one log in memory that has the two unique indexes, and over a network that the test controls. */
export class LogCluster {
  readonly log: EntryDocument[] = [];
  readonly nodes: LogNode[] = [];
  /** Milliseconds, of every clock. */
  now = 100_000;

  node(nodeId: string): LogNode {
    const node = new LogNode(this, nodeId);
    this.nodes.push(node);
    return node;
  }

  /** The texts of the messages, in the order of the log. */
  get texts(): (string | null)[] {
    return this.log.flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []));
  }

  send(message: Message): void {
    for (const to of this.nodes) {
      if (to === message.from) continue;
      setImmediate(() => {
        const transmission = to.transmission(message);
        if (transmission !== 'lost') message.deliver(to);
        if (transmission === 'twice') message.deliver(to);
      });
    }
  }

  entriesFor(node: LogNode) {
    const { log } = this;
    return {
      insertRun: (documents: readonly EntryDocument[]) => {
        const sent = structuredClone(documents);
        return node.insert(() => this.#insert(sent));
      },
      findByClientKey: ({ clientId, senderId }: EntryDocument) =>
        Promise.resolve(
          log.find((each) => each.clientId === clientId && each.senderId === senderId) ?? null,
        ),
      findByClientKeys: (_: string, keys: readonly { clientId: string; senderId: string }[]) =>
        Promise.resolve(
          log.filter(({ clientId, senderId }) =>
            keys.some((key) => key.clientId === clientId && key.senderId === senderId),
          ),
        ),
      findDeletionOf: () => Promise.resolve(null),
      tail: () => Promise.resolve(log.length),
      membershipUpTo: () =>
        Promise.resolve(log.filter(({ kind }) => kind === 'members' || kind === 'title')),
      range: (_: string, { after, limit }: { after: number; limit: number }) =>
        Promise.resolve(structuredClone(log.slice(after, after + limit))),
    };
  }

  /** Two nodes write at the same time until `loser` has lost two numbers to `winner`, and knows who took them. */
  async contend(loser: LogNode, winner: LogNode): Promise<void> {
    await Promise.all([loser, winner].map(({ log }) => log.state(CONVERSATION)));
    for (let round = 0; round < 2; round += 1) {
      const usual = loser.transmission;
      loser.transmission = () => 'lost';
      await winner.say(`won ${newId()}`, PEOPLE[3]);
      await turn();
      loser.transmission = usual;
      await loser.say(`lost ${newId()}`, PEOPLE[2]);
      await turn();
    }
    await winner.say(`last ${newId()}`, PEOPLE[3]);
    await turn();
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map(({ log }) => log.close()));
  }

  #insert(documents: readonly EntryDocument[]): InsertOutcome {
    for (const [index, document] of documents.entries()) {
      const by = this.#refusal(document);
      if (by !== undefined) return { kind: 'stopped', index, refusal: { kind: 'duplicate', by } };
      assert.equal(document.seq, this.log.length + 1, 'a gap');
      this.log.push(structuredClone(document));
    }
    return { kind: 'committed' };
  }

  #refusal({ _id, clientId, senderId, seq }: EntryDocument) {
    if (this.log.some((entry) => entry.clientId === clientId && entry.senderId === senderId))
      return 'client';
    if (this.log.some((entry) => entry._id === _id)) return '_id_';
    return seq <= this.log.length ? 'seq' : undefined;
  }
}
