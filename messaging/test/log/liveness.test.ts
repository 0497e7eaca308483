import assert from 'node:assert/strict';
import { Metrics } from '@parley/backend-common';
import fc from 'fast-check';

import type { EntryDocument } from '../../src/log/entry-document.ts';
import type { EntryRepository } from '../../src/log/entry-repository.ts';
import type { InsertOutcome } from '../../src/log/insert-outcome.ts';
import { createLogMetrics } from '../../src/log/log-metrics.ts';
import { NodeLog } from '../../src/log/node-log.ts';
import type { Timers } from '../../src/log/timers.ts';
import { ALONE, codeOf, newId, say } from '../support/test-log.ts';

/** What a database may do with one command. */
type CommandOutcome =
  | 'ok'
  /** Another node takes the next seq first. */
  | 'overtaken'
  /** Nothing is written, and there is no response. */
  | 'lost'
  /** Everything is written, and there is no response. */
  | 'unanswered'
  /** The first half is written, and there is no response. */
  | 'half';

const CONVERSATION = newId();
const [ANN, BEN] = [newId(), newId()];

/** `entries` in memory, with the two unique indexes and a given outcome for each command. */
class EntriesWithOutcomes {
  readonly log: EntryDocument[] = [];
  readonly #outcomes: CommandOutcome[];

  constructor(commandOutcomes: readonly CommandOutcome[]) {
    this.#outcomes = [...commandOutcomes];
  }

  insertRun(documents: readonly EntryDocument[]): Promise<InsertOutcome> {
    const command = this.#outcomes.shift() ?? 'ok';
    if (command === 'overtaken') this.#store(foreign(this.log.length + 1));
    if (command === 'lost') return Promise.resolve({ kind: 'unknown', cause: command });
    const tried = command === 'half' ? documents.slice(0, documents.length / 2) : documents;
    const outcome = this.#insert(tried);
    const isAnswered = command === 'ok' || command === 'overtaken';
    return Promise.resolve(isAnswered ? outcome : { kind: 'unknown', cause: command });
  }

  findByClientKey({ clientId, senderId }: { clientId: string; senderId: string }) {
    const found = this.log.find(
      (entry) => entry.clientId === clientId && entry.senderId === senderId,
    );
    return Promise.resolve(found ?? null);
  }

  findByClientKeys(
    _: string,
    keys: readonly { readonly clientId: string; readonly senderId: string }[],
  ) {
    return Promise.resolve(
      this.log.filter(({ clientId, senderId }) =>
        keys.some((key) => key.clientId === clientId && key.senderId === senderId),
      ),
    );
  }

  findDeletionOf = () => Promise.resolve(null);
  tail = () => Promise.resolve(this.log.length);
  membershipUpTo = () => Promise.resolve(this.log.filter(({ kind }) => kind === 'members'));
  range = (_: string, { after, limit }: { after: number; limit: number }) =>
    Promise.resolve(this.log.slice(after, after + limit));

  #insert(documents: readonly EntryDocument[]): InsertOutcome {
    for (const [index, document] of documents.entries()) {
      const by = this.#refusal(document);
      if (by !== undefined) return { kind: 'stopped', index, refusal: { kind: 'duplicate', by } };
      this.#store(document);
    }
    return { kind: 'committed' };
  }

  #refusal({ clientId, senderId, seq }: EntryDocument) {
    if (this.log.some((entry) => entry.clientId === clientId && entry.senderId === senderId))
      return 'client';
    return seq <= this.log.length ? 'seq' : undefined;
  }

  #store(document: EntryDocument): void {
    assert.equal(document.seq, this.log.length + 1, 'a gap');
    this.log.push(document);
  }
}

function foreign(seq: number): EntryDocument {
  const base = { _id: newId(), conversationId: CONVERSATION, senderId: BEN, clientId: newId() };
  return { ...base, seq, at: 0, kind: 'message', text: 'of another node', replyTo: null };
}

/** Timers that fire in the next turn of the event loop, so that waiting costs no time. */
const hurried: Timers = {
  after: (_ms, callback) => void setImmediate(callback),
  clear: () => undefined,
};

function logOver(entries: EntriesWithOutcomes, monotonic = () => 0): NodeLog {
  return new NodeLog({
    entries: entries as unknown as EntryRepository,
    conversations: {
      find: () =>
        Promise.resolve({
          _id: CONVERSATION,
          kind: 'direct',
          createdBy: ANN,
          createdAt: 0,
          founders: [ANN, BEN],
          founderTitle: null,
          membersSeq: 1,
        }),
    },
    forwarding: ALONE,
    projector: { project: () => Promise.resolve(), heal: () => Promise.resolve([]) },
    newId,
    now: () => 0,
    monotonic,
    timers: hurried,
    metrics: createLogMetrics(new Metrics('test')),
    reportFault: () => undefined,
  });
}

const commandOutcomes = fc.array(
  fc.constantFrom<CommandOutcome>('ok', 'overtaken', 'lost', 'unanswered', 'half'),
  {
    maxLength: 40,
  },
);

describe('a waiting entry', () => {
  it('is always settled, once and in order, whatever the commands return', async () => {
    await fc.assert(
      fc.asyncProperty(commandOutcomes, fc.integer({ min: 1, max: 60 }), async (order, count) => {
        const entries = new EntriesWithOutcomes(['ok', ...order]);
        const log = logOver(entries);
        const sends = Array.from({ length: count }, (_, index) =>
          log.append({
            conversationId: CONVERSATION,
            senderId: ANN,
            clientId: `c${index}`,
            content: say(`${index}`),
          }),
        );
        const appended = await Promise.all(sends);
        const own = entries.log.filter(
          ({ kind, senderId }) => kind === 'message' && senderId === ANN,
        );
        assert.deepEqual(
          own.map(({ clientId }) => clientId),
          sends.map((_, index) => `c${index}`),
        );
        assert.deepEqual(
          appended.map((each) => each.kind !== 'nothing' && each.document.seq),
          own.map(({ seq }) => seq),
        );
        await log.close();
      }),
      { numRuns: 150 },
    );
  });

  it('is refused when no command ever succeeds', async () => {
    let monotonic = 0;
    const entries = new EntriesWithOutcomes([
      'ok',
      ...Array.from({ length: 5_000 }, (): CommandOutcome => 'lost'),
    ]);
    const log = logOver(entries, () => monotonic);
    await log.state(CONVERSATION);
    const send = log.append({ conversationId: CONVERSATION, senderId: ANN, content: say('x') });
    monotonic = 15_001;
    log.refuseOverdue();
    await assert.rejects(send, (error) => codeOf(error) === 'unavailable');
    await log.close();
  });
});
