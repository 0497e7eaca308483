import assert from 'node:assert/strict';
import type { Entry } from '@parley/common/contract';
import fc from 'fast-check';

import type { MemberDocument } from '../../src/conversations/member-document.ts';
import { Delivery } from '../../src/delivery/delivery.ts';
import { PlainSessions } from '../../src/delivery/plain-sessions.ts';
import type { PageRequest, WrittenPage } from '../../src/history/message-reader.ts';
import { CommittedEntry } from '../../src/log/committed-entry.ts';
import type { EntryDocument } from '../../src/log/entry-document.ts';
import type { ConversationState, MemberState } from '../../src/log/state.ts';
import { Replay } from '../../src/sync/replay.ts';
import { FakeDeliverySocket, fakeLocalSockets } from '../support/delivery-socket.ts';
import { SteppedTimers, turn } from '../support/stepped-timers.ts';

const conversationId = 'c';
const [ann, ben] = ['ann', 'ben'];
const PAGE = 500;
const membership = { conversationId, joinedSeq: 1, deliveredSeq: 0 } as MemberDocument;

/** A node whose log is in memory, with a heads client and a plain client. */
class Node {
  readonly phone = new FakeDeliverySocket(ann, 'heads');
  readonly old = new FakeDeliverySocket(ben, 'plain');
  readonly timers = new SteppedTimers();
  readonly sessions = new PlainSessions();
  readonly delivery: Delivery;
  readonly replay: Replay;
  tail = 1;
  isDown = false;
  #cursor = 0;
  #pauses: (() => void)[] = [];

  constructor() {
    const { sessions, timers } = this;
    const tails = () => this.#read(() => new Map([[conversationId, this.tail]]));
    this.delivery = new Delivery({
      sockets: fakeLocalSockets([this.phone, this.old]),
      clusterEvents: { publish: () => undefined, subscribe: () => undefined },
      log: {
        tails,
        state: () => this.#state(),
        noteTail: () => undefined,
        needsEntriesOf: () => false,
        received: () => undefined,
        noteMembership: () => undefined,
        committedEntry: (document) => new CommittedEntry(document),
        repair: () => Promise.resolve(),
      },
      entries: {
        range: (_, { after, limit }) =>
          this.#read(() => messages(after, this.tail).slice(0, limit)),
      },
      rooms: {
        conversationIdsOf: () => this.#read(() => [conversationId]),
      },
      openPositions: () => Promise.reject(new Error('Nothing is followed here')),
      membersBehind: () => Promise.resolve(new Set()),
      presenter: { present: () => Promise.reject(new Error('Nothing is presented here')) },
      plain: sessions,
      timers,
      monotonic: () => 0,
      reportFault: () => undefined,
    });
    this.replay = this.#createReplay();
    sessions.subscribe(this.replay);
    this.delivery.start();
  }

  /** Entries arrive from another node, from the change stream, or because the log was read. */
  hear(after: number, count: number): void {
    for (const document of messages(after, Math.min(this.tail, after + count)))
      this.delivery.stored(document);
  }

  /** The state of the conversation is read, which offers what it lacks to the delivery. */
  async #state(): Promise<ConversationState> {
    const state = await this.#read(() => stateOf(this.tail));
    this.hear(this.tail - 3, 3);
    return state;
  }

  async settle(): Promise<void> {
    this.isDown = false;
    for (let round = 0; round < 40; round += 1) {
      this.compare(() => this.delivery.compareAll());
      await this.step();
    }
  }

  /** Begins a comparison. It may wait for timers, and fails while the database does not answer. */
  compare(begin: () => Promise<void>): void {
    begin().catch(() => undefined);
  }

  /** Lets all timers expire that are set now. */
  async step(): Promise<void> {
    const pauses = this.#pauses;
    this.#pauses = [];
    for (const resume of pauses) resume();
    await this.timers.step();
  }

  async close(): Promise<void> {
    for (const socket of [this.phone, this.old]) {
      socket.connected = false;
      this.delivery.detach(socket);
    }
    await this.replay.stop();
    await this.step();
    await this.delivery.stop();
  }

  #createReplay(): Replay {
    const { delivery, sessions } = this;
    const stored = () => ({ isBegun: true, byConversation: new Map([[conversationId, 0]]) });
    return new Replay({
      sessions,
      members: {
        findOwn: () => this.#read(() => new Map([[conversationId, membership]])),
        allOf: () => this.#read(() => [membership]),
      },
      cursors: {
        of: () => this.#read(stored),
        begin: () => this.#read(stored),
        findMany: () => this.#read(() => new Map([[conversationId, this.#cursor]])),
        find: () => this.#read(() => this.#cursor),
        advance: (_, __, seq) => {
          this.#cursor = Math.max(this.#cursor, seq);
          return Promise.resolve();
        },
      },
      reader: { written: ({ after = 0 }: PageRequest) => this.#read(() => this.#page(after)) },
      delivery,
      pages: {
        send: async (_, { entries }) => {
          const sent = JSON.parse(entries) as Entry[];
          this.old.entries.push(...sent);
          await turn();
          return 'acknowledged';
        },
        done: () => undefined,
      },
      pause: () => new Promise((resolve) => this.#pauses.push(resolve)),
      reportFault: () => undefined,
    });
  }

  #page(after: number): WrittenPage {
    const page = messages(after, Math.min(this.tail, after + PAGE));
    const shown = page.map((document) => new CommittedEntry(document).shown);
    return {
      entries: JSON.stringify(shown),
      last: page.at(-1)?.seq,
      hasMore: after + PAGE < this.tail,
    };
  }

  async #read<Read>(read: () => Read): Promise<Read> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.isDown) throw new Error('The database does not answer');
    return read();
  }
}

function messages(after: number, upTo: number): EntryDocument[] {
  return Array.from({ length: Math.max(0, upTo - after) }, (_, index) => {
    const seq = after + index + 1;
    const ids = { _id: `e${seq}`, conversationId, seq, senderId: ann, clientId: `k${seq}` };
    return { ...ids, at: 0, kind: 'message', text: 'Hello', replyTo: null };
  });
}

function stateOf(seq: number): ConversationState {
  const members = [ann, ben].map((userId): [string, MemberState] => [
    userId,
    { userId, role: 'member', joinedSeq: 1, joinedAt: 0 },
  ]);
  const membership = { kind: 'group', title: null, members: new Map(members), version: 1 } as const;
  return { conversationId, seq, membership };
}

type Step =
  /** Other nodes commit entries, and no cluster event arrives. */
  | { readonly kind: 'commit'; readonly count: number }
  /** Cluster events arrive, the first one `behind` entries before the end of the log. */
  | { readonly kind: 'hear'; readonly behind: number; readonly count: number }
  | { readonly kind: 'sweep' }
  | { readonly kind: 'step' }
  | { readonly kind: 'database'; readonly isDown: boolean };

const step = fc.oneof<fc.Arbitrary<Step>[]>(
  fc.record({ kind: fc.constant('commit'), count: fc.constantFrom(1, 3, 40, 1_200) }),
  fc.record({
    kind: fc.constant('hear'),
    behind: fc.constantFrom(1, 2, 5, 50, 1_100),
    count: fc.constantFrom(1, 4, 60),
  }),
  fc.constant({ kind: 'sweep' }),
  fc.constant({ kind: 'step' }),
  fc.record({ kind: fc.constant('database'), isDown: fc.boolean() }),
);

async function perform(node: Node, action: Step): Promise<void> {
  switch (action.kind) {
    case 'commit':
      node.tail += action.count;
      return;
    case 'hear':
      node.hear(Math.max(0, node.tail - action.behind), action.count);
      return;
    case 'sweep':
      node.compare(() => node.delivery.sweep());
      await turn();
      return;
    case 'step':
      await node.step();
      return;
    case 'database':
      node.isDown = action.isDown;
      return;
    default:
      action satisfies never;
  }
}

/** Whether each number is larger than the one before; with `step`, by exactly that. */
function rise(seqs: readonly number[], by?: number): boolean {
  return seqs.every((seq, index) => {
    const before = seqs[index - 1];
    return before === undefined || (by === undefined ? seq > before : seq === before + by);
  });
}

describe('a connection', function () {
  this.timeout(60_000);

  it('never gets a later entry before an earlier one, whatever is lost, late or not readable', async () => {
    const steps = fc.array(step, { minLength: 3, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(steps, async (actions) => {
        const node = new Node();
        for (const socket of [node.phone, node.old]) node.delivery.attach(socket);
        await node.delivery.joined(node.phone.id);
        for (const action of actions) {
          await perform(node, action);
          assert.ok(rise(node.old.seqs, 1), 'the plain client got an entry out of order');
          assert.ok(rise(node.phone.seqs), 'the heads client got an entry out of order');
          const marked = node.replay.sentThrough(node.old.id, conversationId) ?? 0;
          assert.ok(marked <= (node.old.seqs.at(-1) ?? 0), 'a mark passes what was sent');
        }
        await node.settle();
        assert.deepEqual(
          node.old.seqs,
          messages(0, node.tail).map(({ seq }) => seq),
        );
        assert.ok(rise(node.phone.seqs));
        const gaps = node.phone.seqs.filter((seq, index) => {
          return seq !== (node.phone.seqs[index - 1] ?? seq - 1) + 1;
        });
        const resyncs = node.phone.events.filter(({ name }) => name === 'resync');
        assert.ok(gaps.length <= resyncs.length, 'the heads client was not asked to compare');
        await node.close();
      }),
      { numRuns: 60 },
    );
  });
});
