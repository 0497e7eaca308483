import assert from 'node:assert/strict';

import type { Appended } from '../../../src/log/conversation-log.ts';
import type { InsertOutcome } from '../../../src/log/insert-outcome.ts';
import { CONVERSATION, LogCluster, PEOPLE, type LogNode } from '../../support/log-cluster.ts';
import { turn } from '../../support/stepped-timers.ts';
import { codeOf, say } from '../../support/test-log.ts';

const FORWARDED = 'parley_log_forwarded_total';
const [OWNER, ANN, BEN] = PEOPLE as [string, string, string];

function seqOf(appended: Appended): number {
  assert.ok(appended.kind !== 'nothing');
  return appended.document.seq;
}

/** Commands of a node that are sent, and carried out when the test says so. */
function holdInserts(node: LogNode) {
  const plain = node.insert;
  const held: (() => void)[] = [];
  node.insert = (run) =>
    new Promise((resolve) => {
      held.push(() => resolve(run()));
    });
  return {
    /** Carries out the command that was sent first. */
    async step() {
      held.shift()?.();
      await turn();
    },
    /** Carries out every command, and those that follow. */
    async release() {
      node.insert = plain;
      for (const run of held.splice(0)) run();
      await turn();
    },
  };
}

describe('entries of a contended conversation', () => {
  let cluster: LogCluster;
  let writer: LogNode;
  let origin: LogNode;

  beforeEach(async () => {
    cluster = new LogCluster();
    writer = cluster.node('a');
    origin = cluster.node('b');
    await cluster.contend(origin, writer);
  });

  afterEach(async () => {
    await cluster.close();
    const keys = cluster.log.map(({ clientId, senderId }) => `${senderId} ${clientId}`);
    assert.equal(new Set(keys).size, keys.length, 'an entry is stored twice');
  });

  const conflicts = () => origin.counted('parley_log_conflicts_total');
  /** The writer does not get what the origin forwards. */
  const loseForwarded = () => {
    writer.transmission = ({ kind }) => (kind === 'forwarded' ? 'lost' : 'delivered');
  };
  const sayAll = (texts: readonly string[], sender = ANN) =>
    Promise.all(texts.map((text) => origin.say(text, sender)));
  const after = (texts: readonly string[]) => cluster.texts.filter((text) => texts.includes(text!));

  it('are written by the writer and acknowledged by the node that accepted them', async () => {
    const before = await conflicts();
    const authored = writer.committed.length;
    const appended = await sayAll(['one', 'two', 'three']);
    assert.deepEqual(after(['one', 'two', 'three']), ['one', 'two', 'three']);
    assert.ok(appended.every(({ kind }) => kind === 'written'));
    const own = writer.committed.slice(authored).filter(({ isOwn }) => isOwn);
    assert.deepEqual(
      own.flatMap(({ entries }) => entries.map(({ document }) => document.seq)),
      appended.map(seqOf),
    );
    assert.equal(await conflicts(), before);
    assert.equal(await origin.counted(FORWARDED, 'written'), 3);
  });

  it('are events for all sockets but the one that sent them', async () => {
    const seq = seqOf(await origin.say('one', ANN));
    const seen = origin.delivered.filter((each) => each.seq === seq);
    assert.deepEqual(
      seen.map(({ except }) => except),
      [`socket of ${ANN}`],
    );
    const elsewhere = writer.delivered.filter((each) => each.seq === seq);
    assert.deepEqual(
      elsewhere.map(({ except }) => except),
      [undefined],
    );
  });

  it('keep the order of each sender while later ones arrive', async () => {
    const texts = Array.from({ length: 250 }, (_, index) => `${index}`);
    const sent: Promise<Appended>[] = [];
    for (const text of texts) {
      sent.push(origin.say(text, ANN));
      if (sent.length % 40 === 0) await turn();
    }
    await Promise.all(sent);
    assert.deepEqual(after(texts), texts);
    assert.equal(await origin.counted(FORWARDED, 'written'), 250);
  });

  it('are refused as a whole by a writer without room, and written here in their order', async () => {
    await writer.log.close();
    const texts = ['one', 'two'];
    await sayAll(texts);
    assert.deepEqual(after(texts), texts);
    assert.equal(await origin.counted(FORWARDED, 'busy'), 2);
    assert.equal(await origin.counted(FORWARDED, 'written'), 0);
  });

  it('are not forwarded while the link to the other nodes is down', async () => {
    origin.isUp = false;
    await origin.say('one', ANN);
    assert.equal(await origin.counted(FORWARDED), 0);
  });

  it('are written here if they do not reach the writer, which gets no others for ten seconds', async () => {
    loseForwarded();
    const sent = sayAll(['one', 'two']);
    await turn();
    assert.deepEqual(after(['one', 'two']), []);
    origin.timers.expire();
    await sent;
    assert.deepEqual(after(['one', 'two']), ['one', 'two']);
    assert.ok(origin.faults.includes('forwarded_entries_unanswered'));
    const unanswered = await origin.counted(FORWARDED, 'unanswered');
    await origin.say('three', ANN);
    assert.deepEqual([unanswered, await origin.counted(FORWARDED)], [2, 2]);
    writer.transmission = () => 'delivered';
    cluster.now += 10_000;
    await cluster.contend(origin, writer);
    await origin.say('four', ANN);
    assert.equal(await origin.counted(FORWARDED, 'written'), 1);
  });

  it('are written once if the writer carries its command out after they were written here', async () => {
    const held = holdInserts(writer);
    const texts = ['one', 'two', 'three'];
    const sent = sayAll(texts);
    await turn();
    origin.timers.expire();
    const appended = await sent;
    await held.release();
    assert.deepEqual(after(texts), texts);
    assert.ok(appended.every(({ kind }) => kind === 'written'));
    assert.equal(writer.log.waiting, 0);
  });

  it('are acknowledged from the log if the writer crashed after the commit', async () => {
    // The command is carried out, and nothing comes of it: no event, no answer.
    writer.insert = (run) => {
      run();
      return new Promise<InsertOutcome>(() => undefined);
    };
    origin.transmission = () => 'lost';
    const sent = sayAll(['one', 'two']);
    await turn();
    assert.deepEqual(after(['one', 'two']), ['one', 'two']);
    origin.timers.expire();
    const appended = await sent;
    assert.ok(appended.every(({ kind }) => kind === 'written'));
    // The crashed node did not publish them.
    const own = origin.committed.filter(({ isOwn }) => isOwn).flatMap(({ entries }) => entries);
    const seqs = own.map(({ document }) => document.seq);
    assert.ok(appended.every((each) => seqs.includes(seqOf(each))));
    const seen = origin.delivered.filter(({ seq }) => seq === seqOf(appended[0]!));
    assert.ok(seen.every(({ except }) => except === `socket of ${ANN}`));
    cluster.nodes.splice(cluster.nodes.indexOf(writer), 1);
  });

  it('are waited for as long as the writer makes progress', async () => {
    const held = holdInserts(writer);
    const own = [writer.say('own', OWNER)];
    await turn();
    own.push(...Array.from({ length: 60 }, (_, index) => writer.say(`own ${index}`, OWNER)));
    const texts = Array.from({ length: 100 }, (_, index) => `${index}`);
    const sent = sayAll(texts);
    await turn();
    await held.step();
    // This command has entries of the writer and the first of the forwarded ones.
    await held.step();
    origin.timers.expire();
    await held.release();
    await Promise.all([sent, ...own]);
    assert.deepEqual(after(texts), texts);
    assert.equal(await origin.counted(FORWARDED, 'unanswered'), 0);
  });

  it('are refused by the writer with the reason of the policy', async () => {
    const removal = { kind: 'members', action: 'removed', userIds: [BEN], role: null } as const;
    // The origin does not learn of the removal.
    origin.transmission = ({ kind }) => (kind === 'entries' ? 'lost' : 'delivered');
    await writer.append(removal, 'removal', OWNER);
    origin.transmission = () => 'delivered';
    const refused = origin.say('one', BEN);
    await assert.rejects(refused, (error) => codeOf(error) === 'not_found');
    assert.deepEqual(after(['one']), []);
    assert.equal(await origin.counted(FORWARDED, 'answered'), 1);
  });

  it('are answered with the stored entry if they repeat one, even after the removal of the sender', async () => {
    const first = await writer.say('kept', BEN);
    const repeat = await origin.say('kept', BEN);
    assert.deepEqual([repeat.kind, seqOf(repeat)], ['repeated', seqOf(first)]);
    const removal = { kind: 'members', action: 'removed', userIds: [BEN], role: null } as const;
    await writer.append(removal, 'removal', OWNER);
    await turn();
    assert.equal(seqOf(await origin.say('kept', BEN)), seqOf(first));
    const other = origin.append(say('other'), 'kept', BEN);
    await assert.rejects(other, (error) => codeOf(error) === 'client_id_reused');
  });

  it('change members and title through the writer', async () => {
    const added = { kind: 'members', action: 'added', userIds: ['new'], role: 'member' } as const;
    const appended = await origin.append(added, 'added', OWNER);
    assert.equal(appended.kind, 'written');
    const again = await origin.append(added, 'again', OWNER);
    assert.equal(again.kind, 'nothing');
    await origin.say('welcome', 'new');
    assert.equal(await origin.counted(FORWARDED), 3);
  });

  it('are never written after the node that accepted them has refused them', async () => {
    const held = holdInserts(writer);
    const blocked = writer.say('blocks the queue', OWNER);
    await turn();
    // Neither node reaches the database.
    const plain = origin.insert;
    origin.insert = () => Promise.resolve({ kind: 'unknown', cause: 'no response' });
    const sent = sayAll(['one', 'two']);
    const outcome = Promise.allSettled([sent, blocked]);
    await turn();
    origin.timers.expire();
    await turn();
    cluster.now += 15_001;
    origin.log.refuseOverdue();
    const [refused] = await Promise.allSettled([sent]);
    assert.equal(refused.status === 'rejected' && codeOf(refused.reason), 'unavailable');
    origin.insert = plain;
    const later = origin.say('later', ANN);
    origin.timers.expire();
    assert.equal((await later).kind, 'written');
    await held.release();
    await outcome;
    assert.deepEqual(after(['one', 'two', 'later']), ['later']);
    assert.equal(writer.log.waiting, 0);
  });

  it('are written here if the writer gives them up, with all later ones of their sender', async () => {
    const held = holdInserts(writer);
    const blocked = writer.say('blocks the queue', OWNER);
    await turn();
    const sent = sayAll(['one', 'two', 'three']);
    await turn();
    cluster.now += 5_001;
    // The sweep of the writer comes before the time of the origin is up.
    writer.log.refuseOverdue();
    await sent;
    assert.deepEqual(after(['one', 'two', 'three']), ['one', 'two', 'three']);
    await held.release();
    await blocked;
    assert.equal(writer.log.waiting, 0);
  });

  it('are not accepted by a writer that gets them too late', async () => {
    let late: (() => void) | undefined;
    writer.transmission = (message) => {
      if (message.kind !== 'forwarded') return 'delivered';
      late = () => message.deliver(writer);
      return 'lost';
    };
    const sent = sayAll(['one']);
    await turn();
    origin.timers.expire();
    await sent;
    cluster.now += 6_000;
    late?.();
    assert.equal(writer.log.waiting, 0);
  });

  it('are written when two nodes take each other for the writer', async () => {
    cluster.now += 2_500;
    const last = cluster.log.at(-1)!;
    for (const [node, other] of [
      [writer, 'b'],
      [origin, 'a'],
    ] as const) {
      const batch = { to: node.nodeId, batchId: 'none', conversationId: CONVERSATION, entries: [] };
      node.log.forwarding.receive(batch, other);
      node.log.received(node.log.committedEntry(last), other);
    }
    await Promise.all([writer.say('one', ANN), origin.say('two', BEN)]);
    assert.deepEqual(new Set(after(['one', 'two'])), new Set(['one', 'two']));
    assert.equal(await writer.counted(FORWARDED, 'busy'), 1);
    assert.equal(await origin.counted(FORWARDED, 'written'), 1);
  });

  it('are answered before the node that accepted them stops', async () => {
    const held = holdInserts(writer);
    const sent = sayAll(['one']);
    await turn();
    let isClosed = false;
    const closing = origin.log.close().then(() => (isClosed = true));
    await turn();
    assert.equal(isClosed, false);
    await held.release();
    await sent;
    await closing;
  });

  it('are answered before the writer stops', async () => {
    const held = holdInserts(writer);
    const sent = sayAll(['one']);
    await turn();
    const closing = writer.log.close();
    await turn();
    await held.release();
    await Promise.all([closing, sent]);
    assert.deepEqual(after(['one']), ['one']);
  });

  it('are answered once if messages between the nodes are duplicated', async () => {
    for (const node of cluster.nodes) node.transmission = () => 'twice';
    const texts = Array.from({ length: 60 }, (_, index) => `${index}`);
    await sayAll(texts);
    assert.deepEqual(after(texts), texts);
  });
});
