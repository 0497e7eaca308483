import assert from 'node:assert/strict';
import { Metrics } from '@parley/backend-common';
import { LIMITS } from '@parley/common';

import type { Appended } from '../../src/log/conversation-log.ts';
import type { EntryDocument } from '../../src/log/entry-document.ts';
import type { EntryRepository } from '../../src/log/entry-repository.ts';
import type { InsertOutcome } from '../../src/log/insert-outcome.ts';
import { createLogMetrics } from '../../src/log/log-metrics.ts';
import { NodeLog } from '../../src/log/node-log.ts';
import type { ConversationOrigin } from '../../src/log/ports.ts';
import { deferred } from '../support/deferred.ts';
import { SteppedTimers, turn } from '../support/stepped-timers.ts';
import { ALONE, codeOf, newId, say } from '../support/test-log.ts';

const conversationId = newId();
const [ANN, BEN] = [newId(), newId()];
const UNKNOWN: InsertOutcome = { kind: 'unknown', cause: 'no majority' };

/** A log whose test decides when and how each insert is answered. */
class LogWithInterceptedInserts {
  readonly log: NodeLog;
  readonly timers = new SteppedTimers();
  readonly stored: EntryDocument[] = [];
  /** Entries that were sent to the database, counted for each attempt. */
  proposals = 0;
  /** Commands that were sent to the database. */
  rounds = 0;
  now = 0;
  /** The outcome of a command; `undefined`: it is carried out. */
  interceptInsert: () => Promise<InsertOutcome | undefined> = () => Promise.resolve(undefined);

  constructor() {
    const entries = {
      insertRun: (documents: readonly EntryDocument[]) => this.#insert(documents),
      findByClientKey: ({ clientId, senderId }: { clientId: string; senderId: string }) =>
        Promise.resolve(
          this.stored.find((each) => each.clientId === clientId && each.senderId === senderId) ??
            null,
        ),
      findByClientKeys: (_: string, keys: readonly { clientId: string; senderId: string }[]) =>
        Promise.resolve(
          this.stored.filter(({ clientId, senderId }) =>
            keys.some((key) => key.clientId === clientId && key.senderId === senderId),
          ),
        ),
      findDeletionOf: () => Promise.resolve(null),
      tail: () => Promise.resolve(this.stored.length),
      membershipUpTo: () => Promise.resolve(this.stored.filter(({ kind }) => kind === 'members')),
      range: (_: string, { after, limit }: { after: number; limit: number }) =>
        Promise.resolve(this.stored.slice(after, after + limit)),
    };
    const origin: ConversationOrigin = {
      ...({ _id: conversationId, kind: 'direct', createdBy: ANN, createdAt: 0 } as const),
      ...{ founders: [ANN, BEN], founderTitle: null, membersSeq: 1 },
    };
    this.log = new NodeLog({
      entries: entries as unknown as EntryRepository,
      conversations: { find: () => Promise.resolve(origin) },
      forwarding: ALONE,
      projector: { project: () => Promise.resolve(), heal: () => Promise.resolve([]) },
      newId,
      now: () => 0,
      monotonic: () => this.now,
      timers: this.timers,
      metrics: createLogMetrics(new Metrics('test')),
      reportFault: () => undefined,
    });
  }

  send(clientId: string, text = clientId, senderId = ANN): Promise<Appended> {
    return this.log.append({ conversationId, senderId, clientId, content: say(text) });
  }

  async #insert(documents: readonly EntryDocument[]): Promise<InsertOutcome> {
    this.proposals += documents.length;
    this.rounds += 1;
    const outcome = await this.interceptInsert();
    if (outcome !== undefined) return outcome;
    for (const [index, document] of documents.entries()) {
      const isStored = this.stored.some(
        ({ clientId, senderId }) =>
          clientId === document.clientId && senderId === document.senderId,
      );
      const refusal = { kind: 'duplicate', by: 'client' } as const;
      if (isStored) return { kind: 'stopped', index, refusal };
      this.stored.push(document);
    }
    return { kind: 'committed' };
  }
}

function seqOf(appended: Appended): number | undefined {
  return appended.kind === 'nothing' ? undefined : appended.document.seq;
}

describe('a repeat of an entry that waits', () => {
  let node: LogWithInterceptedInserts;
  beforeEach(async () => {
    node = new LogWithInterceptedInserts();
    await node.log.state(conversationId);
    node.proposals = 0;
  });
  afterEach(() => node.log.close());

  it('joins it: it is proposed once, and all get the same entry', async () => {
    const sends = Array.from({ length: 20 }, () => node.send('a'));
    const appended = await Promise.all(sends);
    assert.equal(node.proposals, 1);
    assert.deepEqual(
      appended.map(({ kind }) => kind),
      ['written', ...Array.from({ length: 19 }, () => 'repeated')],
    );
    assert.equal(new Set(appended.map(seqOf)).size, 1);
  });

  it('joins it while it is in a command too', async () => {
    const answered = deferred();
    node.interceptInsert = () => answered.promise.then(() => undefined);
    const first = node.send('a');
    await turn();
    assert.equal(node.proposals, 1);
    const repeat = node.send('a');
    answered.resolve();
    assert.equal(seqOf(await first), seqOf(await repeat));
    assert.equal(node.proposals, 1);
  });

  it('is refused if its content differs', async () => {
    const first = node.send('a', 'Hello');
    await assert.rejects(
      node.send('a', 'Goodbye'),
      (error) => codeOf(error) === 'client_id_reused',
    );
    assert.equal((await first).kind, 'written');
  });

  it('of another sender is an entry of its own', async () => {
    const appended = await Promise.all([
      node.send('a', 'Hello', ANN),
      node.send('a', 'Hello', BEN),
    ]);
    assert.deepEqual(appended.map(seqOf), [2, 3]);
  });

  it('does not add to the entries that are proposed, however often it comes', async () => {
    let failures = 3;
    node.interceptInsert = () => Promise.resolve((failures -= 1) >= 0 ? UNKNOWN : undefined);
    const keys = Array.from({ length: 100 }, (_, index) => `c${index}`);
    const sends: Promise<Appended>[] = [];
    const sendAll = () => sends.push(...keys.map((key) => node.send(key)));
    sendAll();
    while (failures >= 0) {
      for (let repeat = 0; repeat < 10; repeat += 1) sendAll();
      await node.timers.step();
      await turn();
    }
    await Promise.all(sends);
    assert.ok(sends.length > 2_000);
    assert.equal(node.proposals, 4 * keys.length);
    assert.equal(node.stored.length, 1 + keys.length);
  });

  it('is refused with it, and answered with it if it turns out to be stored', async () => {
    const answered = deferred();
    node.interceptInsert = () => answered.promise.then(() => undefined);
    const keys = Array.from({ length: 10 }, (_, index) => `c${index}`);
    const refusals = [...keys, ...keys].map(async (key) => {
      await assert.rejects(node.send(key), (error) => codeOf(error) === 'unavailable');
    });
    await turn();
    node.now = LIMITS.appendDeadline + 1;
    node.log.refuseOverdue();
    await Promise.all(refusals);
    const repeats = keys.map((key) => node.send(key));
    const other = node.send('c3', 'something else', BEN);
    answered.resolve();
    const appended = await Promise.all(repeats);
    assert.ok(appended.every(({ kind }) => kind === 'repeated'));
    assert.deepEqual(
      appended.map(seqOf),
      keys.map((_, index) => index + 2),
    );
    assert.equal(seqOf(await other), 12);
    assert.equal(node.proposals, keys.length + 1);
  });

  it('of many entries that are stored costs two rounds, not one for each', async () => {
    const keys = Array.from({ length: 90 }, (_, index) => `c${index}`);
    const stored = await Promise.all(keys.map((key) => node.send(key)));
    const before = { proposals: node.proposals, rounds: node.rounds };
    const answers = await Promise.all([...keys, 'new'].map((key) => node.send(key)));
    assert.deepEqual(answers.slice(0, -1).map(seqOf), stored.map(seqOf));
    assert.ok(answers.slice(0, -1).every(({ kind }) => kind === 'repeated'));
    assert.equal(answers.at(-1)?.kind, 'written');
    assert.equal(node.rounds - before.rounds, 2);
    assert.equal(node.proposals - before.proposals, keys.length + 2);
  });
});
