import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import type { EntryEvents } from '../../src/delivery/ports.ts';
import type { EntryDocument } from '../../src/log/entry-document.ts';
import { CommittedEntry } from '../../src/log/committed-entry.ts';
import { DeliveryNode } from '../support/delivery-node.ts';
import { groupOf, newId, say, testDatabase, testLog } from '../support/test-log.ts';
import { until } from '../support/until.ts';

/** A connection between two nodes that loses, duplicates and reorders events. */
class UnreliableLink {
  readonly #listeners: ((documents: readonly EntryDocument[]) => void)[] = [];
  readonly #random: () => number;
  #held: (() => void)[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The end of one node, which receives the events of all other nodes. */
  end(): EntryEvents {
    const own = this.#listeners.length;
    this.#listeners.push(() => undefined);
    return {
      publish: (documents) => this.#carry(own, documents),
      subscribe: (listener) => {
        this.#listeners[own] = listener;
      },
    };
  }

  #carry(from: number, documents: readonly EntryDocument[]): void {
    const deliver = () =>
      this.#listeners.forEach((listener, index) => {
        if (index !== from) listener(documents);
      });
    const chance = this.#random();
    if (chance < 0.3) return;
    if (chance < 0.6) {
      this.#held.push(deliver);
      return;
    }
    deliver();
    if (chance < 0.75) deliver();
    for (const held of this.#held.splice(0).reverse()) held();
  }
}

/** Numbers in [0, 1) that are the same in each run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('delivery over an unreliable connection between nodes', () => {
  let mongo: TestMongo;
  let nodes: [DeliveryNode, DeliveryNode];

  before(async () => {
    mongo = await testDatabase();
  });

  beforeEach(() => {
    const link = new UnreliableLink(seeded(42));
    nodes = [new DeliveryNode(mongo, link.end()), new DeliveryNode(mongo, link.end())];
  });

  afterEach(async () => {
    for (const node of nodes) await node.close();
  });

  after(() => mongo.drop());

  it('sends each entry to every socket of every node once, in ascending order, without gaps', async () => {
    const [here, there] = nodes;
    const { conversationId, people } = await groupOf(here.node, 4);
    await here.node.log.state(conversationId);
    const listeners = await Promise.all(
      people.map((userId, index) => (index % 2 ? here : there).listen(userId)),
    );
    await Promise.all(
      Array.from({ length: 400 }, (_, index) =>
        (index % 2 ? here : there).node.log.append({
          conversationId,
          senderId: people[index % 4]!,
          content: say(`${index}`),
        }),
      ),
    );
    await until(async () => {
      for (const { delivery } of nodes) await delivery.sweep();
      return listeners.every(({ entries }) => entries.length >= 400);
    });
    for (const { entries } of listeners) {
      assert.deepEqual(
        entries.map(({ seq }) => seq),
        Array.from({ length: 400 }, (_, index) => index + 2),
      );
    }
  });

  it('sends a member exactly the entries from its join to its leaving', async () => {
    const [here, there] = nodes;
    const { conversationId, people } = await groupOf(here.node, 1);
    const owner = people[0]!;
    const ben = newId();
    await here.node.log.state(conversationId);
    const listener = await there.listen(ben);
    const change = (action: 'added' | 'removed') =>
      here.node.log.append({
        conversationId,
        senderId: owner,
        content: {
          kind: 'members',
          action,
          userIds: [ben],
          role: action === 'added' ? 'member' : null,
        },
      });
    for (let round = 0; round < 20; round += 1) {
      await here.node.log.append({ conversationId, senderId: owner, content: say('out') });
      await change('added');
      await here.node.log.append({ conversationId, senderId: owner, content: say('in') });
      await change('removed');
    }
    await change('added');
    await here.node.log.append({ conversationId, senderId: owner, content: say('in') });
    await until(async () => {
      await there.delivery.compareAll();
      return there.rooms.isIn(listener, conversationId);
    });
    const texts = listener.entries.flatMap((entry) =>
      entry.kind === 'message' ? [entry.text] : [],
    );
    assert.ok(
      texts.every((text) => text === 'in'),
      'an entry from outside its membership was shown',
    );
    const seqs = listener.entries.map(({ seq }) => seq);
    assert.deepEqual(
      seqs,
      [...new Set(seqs)].sort((one, other) => one - other),
    );
  });

  it('sends the author its entry only as the ack, and its other devices the event', async () => {
    const [here] = nodes;
    const { conversationId, people } = await groupOf(here.node, 1);
    const author = people[0]!;
    await here.node.log.state(conversationId);
    const [phone, tablet] = [await here.listen(author), await here.listen(author)];
    await here.node.log.append({
      conversationId,
      senderId: author,
      content: say('Hello'),
      originSocketId: phone.id,
    });
    assert.equal(phone.entries.length, 0);
    assert.equal(tablet.entries.length, 1);
  });

  it('continues after a comparison while a member is joining', async () => {
    const [here, there] = nodes;
    const { conversationId, people } = await groupOf(here.node, 1);
    const owner = people[0]!;
    await here.node.log.state(conversationId);
    const ben = newId();
    const listener = await there.listen(ben);
    let showNow: () => void = () => undefined;
    there.present = () =>
      new Promise((_, reject) => (showNow = () => reject(new Error('Shown late'))));
    const add = { kind: 'members', action: 'added', userIds: [ben], role: 'member' } as const;
    await there.node.log.append({ conversationId, senderId: owner, content: add });
    for (let sweep = 0; sweep < 40; sweep += 1) await there.delivery.sweep();
    await there.node.log.append({ conversationId, senderId: owner, content: say('meanwhile') });
    showNow();
    await until(() => listener.entries.length >= 2);
    assert.deepEqual(
      listener.entries.map(({ seq }) => seq),
      [2, 3],
    );
  });

  it('puts a new member into the room when another socket has opened the delivery after the entry of the join', async () => {
    const [here] = nodes;
    const { conversationId, people } = await groupOf(here.node, 2);
    const [owner, other] = people as [string, string];
    await here.node.log.state(conversationId);
    const ben = newId();
    const listener = await here.listen(ben);
    const elsewhere = testLog(mongo);
    const add = { kind: 'members', action: 'added', userIds: [ben], role: 'member' } as const;
    const added = await elsewhere.log.append({ conversationId, senderId: owner, content: add });
    // The delivery opens at a tail that includes the entry. Its event arrives afterwards.
    await here.listen(other);
    assert.ok(added.kind === 'written');
    here.delivery.committed({
      ...{ conversationId, isOwn: false },
      entries: [new CommittedEntry(added.document)],
    });
    await until(() => here.rooms.isIn(listener, conversationId));
    await here.node.log.append({ conversationId, senderId: owner, content: say('Hello Ben') });
    assert.deepEqual(
      listener.entries.map(({ seq }) => seq),
      [3],
    );
    await elsewhere.log.close();
  });
});
