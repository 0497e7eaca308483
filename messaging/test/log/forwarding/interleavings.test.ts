import assert from 'node:assert/strict';
import fc from 'fast-check';

import type { InsertOutcome } from '../../../src/log/insert-outcome.ts';
import { LogCluster, PEOPLE, type LogNode } from '../../support/log-cluster.ts';
import { turn } from '../../support/stepped-timers.ts';

/** What happens with a command: `late` ones are carried out when their node has long looked for the outcome. */
type CommandOutcome = 'ok' | 'lost' | 'unanswered' | 'late';
type MessageFate = 'delivered' | 'lost' | 'twice';

const UNKNOWN: InsertOutcome = { kind: 'unknown', cause: 'no response' };
const [ANN, BEN] = PEOPLE as [string, string];

const commands = fc.array(
  fc.constantFrom<CommandOutcome>('ok', 'ok', 'lost', 'unanswered', 'late'),
  {
    maxLength: 12,
  },
);
const messages = fc.array(
  fc.constantFrom<MessageFate>('delivered', 'delivered', 'delivered', 'lost', 'twice'),
  { maxLength: 30 },
);
/** How many messages each user sends through each node before time passes. */
const waves = fc.array(fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 6, maxLength: 6 }), {
  minLength: 1,
  maxLength: 4,
});

/** Commands that are carried out late. */
class Late {
  readonly #runs: (() => void)[] = [];

  add(run: () => void): void {
    this.#runs.push(run);
  }

  /** Carries out the oldest one. */
  step(): void {
    this.#runs.shift()?.();
  }
}

function decideCommands(node: LogNode, outcomes: CommandOutcome[], late: Late): void {
  node.insert = (run) => {
    switch (outcomes.shift() ?? 'ok') {
      case 'lost':
        return Promise.resolve(UNKNOWN);
      case 'unanswered':
        run();
        return Promise.resolve(UNKNOWN);
      case 'late':
        late.add(run);
        return Promise.resolve(UNKNOWN);
      case 'ok':
        return Promise.resolve(run());
    }
  };
}

/** Something that a user sent through a node, and the answer. */
interface Sent {
  readonly text: string;
  seq: number | undefined;
  isAnswered: boolean;
}

describe('a conversation that three nodes write at the same time', () => {
  it('has each acknowledged entry once, and those of each sender in order, whatever is lost or late', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(commands, commands, commands),
        fc.tuple(messages, messages, messages),
        waves,
        async (commandOutcomes, messageTransmissions, sizes) => {
          const cluster = new LogCluster();
          const nodes = ['a', 'b', 'c'].map((nodeId) => cluster.node(nodeId));
          const [a, b, c] = nodes as [LogNode, LogNode, LogNode];
          await cluster.contend(c, a);
          await cluster.contend(b, a);
          const late = new Late();
          for (const [index, node] of nodes.entries()) {
            decideCommands(node, [...(commandOutcomes[index] ?? [])], late);
            const outcomes = [...(messageTransmissions[index] ?? [])];
            node.transmission = () => outcomes.shift() ?? 'delivered';
          }
          // Each user has a device on each node.
          const senders = nodes.flatMap((node) => [ANN, BEN].map((userId) => ({ node, userId })));
          const sent = senders.map((): Sent[] => []);
          for (const wave of sizes) {
            for (const [index, count] of wave.entries()) {
              const { node, userId } = senders[index]!;
              for (let each = 0; each < count; each += 1) {
                const one: Sent = {
                  ...{ text: `${node.nodeId}${index} ${sent[index]!.length}` },
                  ...{ seq: undefined, isAnswered: false },
                };
                sent[index]!.push(one);
                node.say(one.text, userId).then(
                  (appended) => {
                    one.isAnswered = true;
                    if (appended.kind !== 'nothing') one.seq = appended.document.seq;
                  },
                  () => (one.isAnswered = true),
                );
              }
            }
            await turn();
          }
          const isOpen = () =>
            sent.flat().some(({ isAnswered }) => !isAnswered) ||
            nodes.some(({ log }) => log.waiting > 0);
          for (let tries = 0; isOpen(); tries += 1) {
            assert.ok(tries < 80, 'An entry was never answered');
            await turn();
            late.step();
            for (const { timers } of nodes) timers.expire();
            cluster.now += 500;
            for (const { log } of nodes) log.refuseOverdue();
          }
          for (let rest = 0; rest < 12; rest += 1) late.step();
          await turn();
          const stored = new Map(
            cluster.log.map((entry) => [entry.kind === 'message' ? entry.text : '', entry.seq]),
          );
          for (const own of sent) {
            for (const { seq, text } of own) {
              if (seq !== undefined) assert.equal(stored.get(text), seq);
            }
            const seqs = own.flatMap(({ text }) => stored.get(text) ?? []);
            assert.deepEqual(
              seqs,
              seqs.toSorted((one, other) => one - other),
            );
          }
          const keys = cluster.log.map(({ clientId, senderId }) => `${senderId} ${clientId}`);
          assert.equal(new Set(keys).size, keys.length);
          await cluster.close();
        },
      ),
      { numRuns: 60 },
    );
  }).timeout(160_000);
});
