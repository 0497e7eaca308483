import assert from 'node:assert/strict';

import type { EntryDocument } from '../../../src/log/entry-document.ts';
import { EntryChannel, type EntryListener } from '../../../src/transport/cluster/entry-channel.ts';
import { deferred } from '../../support/deferred.ts';
import { newId, say } from '../../support/test-log.ts';

type Received = [from: string, documents: readonly EntryDocument[]];

describe('the channel of entries', () => {
  let published: string[];
  let faults: unknown[];
  let received: Received[];

  beforeEach(() => {
    [published, faults, received] = [[], [], []];
  });

  const channel = (nodeId: string) =>
    new EntryChannel({
      nodeId,
      publish: (message) => published.push(message),
      onFault: (error) => faults.push(error),
    });
  const node = (nodeId: string, concerns: EntryListener['concerns'] = () => true) => {
    const opened = channel(nodeId);
    opened.subscribe({ concerns, received: (documents, from) => received.push([from, documents]) });
    return opened;
  };
  /** Entries of a new conversation, from `seq` on. */
  const entries = (seq: number, ...texts: string[]) => {
    const conversationId = newId();
    const base = { conversationId, senderId: newId(), clientId: newId(), at: 1 };
    return texts.map((text, index): EntryDocument => ({
      _id: newId(),
      ...base,
      seq: seq + index,
      ...say(text),
    }));
  };
  const added = (): EntryDocument => ({
    ...entries(1, '')[0]!,
    ...{ kind: 'members', action: 'added', userIds: [newId()], role: 'member' },
  });
  /** Publishes events in one turn of the event loop, and passes what was published to a node. */
  const carry = async (to: EntryChannel, ...events: (readonly EntryDocument[])[]) => {
    const from = channel('author');
    for (const event of events) from.publish(event);
    await Promise.resolve();
    for (const message of published.splice(0)) to.received(Buffer.from(message));
  };

  it('carries the events of one turn in one message, in their order', async () => {
    const events = [entries(1, 'one', 'two\nthree 👋 é'), [added()], entries(7, '')];
    const from = channel('author');
    for (const event of events) from.publish(event);
    assert.deepEqual(published, []);
    await Promise.resolve();
    assert.equal(published.length, 1);
    node('reader').received(Buffer.from(published[0]!));
    assert.deepEqual(
      received,
      events.map((event) => ['author', event]),
    );
    assert.deepEqual(faults, []);
  });

  it('publishes before those that wait for the commit go on', async () => {
    const order: string[] = [];
    const from = new EntryChannel({
      nodeId: 'author',
      publish: () => order.push('published'),
      onFault: (error) => faults.push(error),
    });
    const commit = deferred();
    const acknowledged = commit.promise.then(() => order.push('acknowledged'));
    from.publish(entries(1, 'Hello'));
    commit.resolve();
    await acknowledged;
    assert.deepEqual(order, ['published', 'acknowledged']);
  });

  it('does not hold back large events for others', () => {
    const from = channel('author');
    from.publish(entries(1, 'x'.repeat(300_000)));
    assert.equal(published.length, 1);
  });

  it('says what each event is about, and decodes only those that concern the node', async () => {
    const [other, mine, join] = [entries(3, 'a', 'b'), entries(9, 'c'), added()];
    const headers: unknown[] = [];
    const reader = node('reader', (header) => {
      headers.push(header);
      return header.conversationId === mine[0]!.conversationId;
    });
    const from = channel('author');
    for (const event of [other, mine, [join]]) from.publish(event);
    await Promise.resolve();
    // What is not JSON is not decoded, so nobody notices.
    const message = published[0]!.replace(JSON.stringify(other), (json) => '?'.repeat(json.length));
    reader.received(Buffer.from(message));
    assert.deepEqual(headers, [
      { conversationId: other[0]!.conversationId, seq: 4, addsMembers: false },
      { conversationId: mine[0]!.conversationId, seq: 9, addsMembers: false },
      { conversationId: join.conversationId, seq: 1, addsMembers: true },
    ]);
    assert.deepEqual([received, faults], [[['author', mine]], []]);
  });

  it('passes over what this node has published', async () => {
    const reader = node('author', () => assert.fail('Not for its author'));
    await carry(reader, entries(1, 'Hello'));
    assert.deepEqual([received, faults], [[], []]);
  });

  it('passes over everything before somebody listens', async () => {
    await carry(channel('reader'), entries(1, 'Hello'));
    assert.deepEqual(faults, []);
  });

  it('reports an event that cannot be read, and reads the others', async () => {
    const [one, two] = [entries(1, 'one'), entries(2, 'two')];
    const from = channel('author');
    for (const event of [one, two]) from.publish(event);
    await Promise.resolve();
    const broken = published[0]!.replace('[', '?');
    node('reader').received(Buffer.from(broken));
    assert.equal(faults.length, 1);
    assert.deepEqual(received, [['author', two]]);
  });

  it('reports what a listener throws, and goes on', async () => {
    const reader = channel('reader');
    let calls = 0;
    const fail = () => {
      calls += 1;
      throw new Error('Not handled');
    };
    reader.subscribe({ concerns: () => true, received: fail });
    await carry(reader, entries(1, 'one'), entries(1, 'two'));
    assert.deepEqual([calls, faults.length], [2, 2]);
  });

  it('reports a message that it cannot read', () => {
    const reader = node('reader');
    const unreadable = [
      '',
      '1 author',
      '2 author\n',
      '\n',
      '1 author id 1 - 9\n[]',
      '1 author id\n[]',
      '1 author id 1 - x\n[]',
      '1 author id 0 - 2\n[]',
    ];
    for (const message of unreadable) reader.received(Buffer.from(message));
    assert.equal(faults.length, unreadable.length);
    assert.deepEqual(received, []);
  });
});
