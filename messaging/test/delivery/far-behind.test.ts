import assert from 'node:assert/strict';

import { Delivery } from '../../src/delivery/delivery.ts';
import type { PlainSockets } from '../../src/delivery/ports.ts';
import { CommittedEntry } from '../../src/log/committed-entry.ts';
import type { EntryDocument } from '../../src/log/entry-document.ts';
import type { ConversationState, MemberState } from '../../src/log/state.ts';
import { FakeDeliverySocket, fakeLocalSockets } from '../support/delivery-socket.ts';
import { SteppedTimers, turn } from '../support/stepped-timers.ts';

const conversationId = 'c';
const [ann, ben] = ['ann', 'ben'];

/** A node whose log is in memory and can be unavailable. */
class Node {
  readonly sockets: FakeDeliverySocket[] = [];
  readonly timers = new SteppedTimers();
  readonly restarted: { readonly socket: string; readonly from: number | undefined }[] = [];
  readonly delivery: Delivery;
  members = [ann, ben];
  tail = 1;
  isDown = false;
  /** Whether the members of the conversation cannot be read from its log. */
  isStateDown = false;
  now = 0;
  asked = 0;

  constructor() {
    const { timers } = this;
    const plain: PlainSockets = {
      begin: () => undefined,
      admit: () => true,
      restart: ({ id }, _, from) => this.restarted.push({ socket: id, from }),
      forget: () => undefined,
      end: () => undefined,
    };
    this.delivery = new Delivery({
      sockets: fakeLocalSockets(this.sockets),
      clusterEvents: { publish: () => undefined, subscribe: () => undefined },
      log: {
        tails: () =>
          this.#read(() => {
            this.asked += 1;
            return new Map([[conversationId, this.tail]]);
          }),
        state: () =>
          this.#read(() => {
            if (this.isStateDown) throw new Error('The log cannot be read');
            return stateOf(this.members, this.tail);
          }),
        noteTail: () => undefined,
        needsEntriesOf: () => false,
        received: () => undefined,
        noteMembership: () => undefined,
        committedEntry: (document) => new CommittedEntry(document),
        repair: () => Promise.resolve(),
      },
      entries: {
        range: (_, { after, limit }) =>
          this.#read(() =>
            Array.from({ length: this.tail }, (__, index) => message(index + 1))
              .filter(({ seq }) => seq > after)
              .slice(0, limit),
          ),
      },
      rooms: {
        conversationIdsOf: (userId) =>
          this.#read(() => (this.members.includes(userId) ? [conversationId] : [])),
      },
      openPositions: () => Promise.reject(new Error('Nothing is followed here')),
      membersBehind: () => Promise.resolve(new Set()),
      presenter: { present: () => Promise.reject(new Error('Nothing is presented here')) },
      plain,
      timers,
      monotonic: () => this.now,
      reportFault: () => undefined,
    });
    this.delivery.start();
  }

  async open(userId: string, mode: 'heads' | 'plain'): Promise<FakeDeliverySocket> {
    const socket = new FakeDeliverySocket(userId, mode);
    this.sockets.push(socket);
    this.delivery.attach(socket);
    await this.delivery.joined(socket.id);
    if (mode === 'plain') {
      await this.delivery.enter(socket, { conversationId, seq: this.tail }, () => undefined);
    }
    return socket;
  }

  /** Another node commits entries up to `seq`, and none of its cluster events arrives. */
  async fallBehind(seq: number): Promise<void> {
    this.tail = seq;
    await this.delivery.sweep();
    // The gap is read after a moment, and is too large to be sent.
    await this.timers.step();
  }

  /** An entry arrives from another node. */
  hear(seq: number): void {
    this.tail = seq;
    this.delivery.committed({
      ...{ conversationId, isOwn: false },
      entries: [new CommittedEntry(message(seq))],
    });
  }

  async #read<Read>(read: () => Read): Promise<Read> {
    await turn();
    if (this.isDown) throw new Error('The database does not answer');
    return read();
  }
}

function message(seq: number): EntryDocument {
  const ids = { _id: `e${seq}`, conversationId, seq, senderId: ann, clientId: `k${seq}` };
  return { ...ids, at: 0, kind: 'message', text: 'Hello', replyTo: null };
}

function stateOf(userIds: readonly string[], seq: number): ConversationState {
  const members = userIds.map((userId): [string, MemberState] => [
    userId,
    { userId, role: 'member', joinedSeq: 1, joinedAt: 0 },
  ]);
  const membership = { kind: 'group', title: null, members: new Map(members), version: 1 } as const;
  return { conversationId, seq, membership };
}

describe('a node that is more than 1,000 entries behind', () => {
  let node: Node;
  beforeEach(() => {
    node = new Node();
  });
  afterEach(() => node.delivery.stop());

  it('sends a heads client no later entry before its resync, however often a read fails', async () => {
    const phone = await node.open(ann, 'heads');
    node.isDown = false;
    node.tail = 2_546;
    await node.delivery.sweep();
    node.isDown = true;
    for (let attempt = 0; attempt < 5; attempt += 1) await node.timers.step();
    node.hear(2_547);
    assert.deepEqual([phone.seqs, phone.events], [[], []]);
    node.isDown = false;
    while (phone.events.length === 0) await node.timers.step();
    assert.deepEqual(
      phone.events.map(({ name }) => name),
      ['resync'],
    );
    node.hear(2_548);
    assert.deepEqual(phone.seqs, [2_548]);
  });

  it('replays to a plain client from the last entry it was sent, and sends it no later one meanwhile', async () => {
    const old = await node.open(ben, 'plain');
    node.tail = 2_546;
    await node.delivery.sweep();
    node.isDown = true;
    await node.timers.step();
    node.hear(2_547);
    assert.deepEqual(old.seqs, []);
    assert.deepEqual(node.restarted, [{ socket: old.id, from: 1 }]);
  });

  it('notifies users who were removed meanwhile, and sends them no entries', async () => {
    const phone = await node.open(ben, 'heads');
    node.members = [ann];
    await node.fallBehind(2_546);
    while (phone.events.length === 0) await node.timers.step();
    node.hear(2_547);
    assert.deepEqual(phone.seqs, []);
    assert.deepEqual(phone.events, [
      { name: 'conversation', payload: { action: 'removed', conversationId } },
    ]);
  });

  it('sends nothing to another device of a removed user, which connects before the members are known', async () => {
    await node.open(ben, 'heads');
    node.members = [ann];
    node.isStateDown = true;
    node.tail = 2_546;
    await node.delivery.deliveries.sweep();
    await node.timers.step();
    const tablet = await node.open(ben, 'heads');
    node.hear(2_547);
    assert.deepEqual(tablet.seqs, []);
  });

  it('compares an active conversation in every sweep, even if no cluster event arrives', async () => {
    const phone = await node.open(ann, 'heads');
    const MINUTES = 5;
    const SWEEPS_A_MINUTE = 30;
    const before = node.asked;
    for (let sweep = 0; sweep < MINUTES * SWEEPS_A_MINUTE; sweep += 1) {
      node.now += 2_000;
      node.tail += 1;
      await node.delivery.deliveries.sweep();
      await node.timers.step();
    }
    assert.equal(node.asked - before, MINUTES * SWEEPS_A_MINUTE);
    assert.equal(phone.seqs.at(-1), node.tail);
  });
});
