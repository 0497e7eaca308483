import assert from 'node:assert/strict';
import { silentLogger } from '@parley/backend-common/testing';

import { SummaryWriter } from '../src/conversations/summary-writer.ts';
import { KeptUsers } from '../src/delivery/kept-users.ts';
import { ContendedConversations } from '../src/log/forwarding/contended-conversations.ts';
import { ProjectionChecks } from '../src/log/projection-checks.ts';
import { DeletionRecorder } from '../src/push/deletion-recorder.ts';
import { ReadReceiptRecorder } from '../src/push/read-receipt-recorder.ts';
import { PendingDeliveries } from '../src/push/scheduling/pending-deliveries.ts';
import { MarkWriter } from '../src/receipts/mark-writer.ts';
import { ReceiptFeed } from '../src/receipts/receipt-feed.ts';

/** Something that is being filled. */
interface Filled {
  add(at: number): void;
  /** How many are held or handled. */
  held(): number | Promise<number>;
}

/** What clients can fill while nothing takes out of it, and how much it holds. */
const BOUNDS: Record<string, { readonly bound: number; readonly fill: () => Filled }> = {
  'conversations whose projection is to be checked': {
    bound: 20_000,
    fill: () => {
      let repaired = 0;
      let run = (): void => undefined;
      const checks = new ProjectionChecks({
        repair: () => Promise.resolve(void (repaired += 1)),
        timers: { after: (_ms, callback) => void (run = callback), clear: () => undefined },
        reportFault: () => assert.fail(),
      });
      return {
        add: (at) => checks.note(`c${at}`, 1),
        held: async () => {
          run();
          let before = -1;
          while (before !== repaired) {
            before = repaired;
            await new Promise((resolve) => setImmediate(resolve));
          }
          return repaired;
        },
      };
    },
  },
  'conversations whose receipts are being sent': {
    bound: 20_000,
    fill: () => {
      let sending = 0;
      const feed = new ReceiptFeed({
        log: { state: () => new Promise(() => (sending += 1)) },
      } as unknown as ConstructorParameters<typeof ReceiptFeed>[0]);
      const marks = { userId: 'u', deliveredSeq: 1, readSeq: 1 };
      return {
        add: (at) =>
          feed.note({
            receipt: { conversationId: `c${at}`, ...marks },
            ...{ isDeliveredNew: true, isReadNew: true, cleared: undefined },
          }),
        held: () => sending,
      };
    },
  },
  'memberships whose marks wait': {
    bound: 20_000,
    fill: () => {
      const writer = new MarkWriter({
        members: { findMarks: () => new Promise(() => undefined), raiseMarks: () => assert.fail() },
        now: () => 0,
      });
      let [added, refused] = [0, 0];
      return {
        add(at) {
          added += 1;
          writer
            .raise({ conversationId: `c${at}`, userId: 'u', deliveredSeq: 1 })
            .catch(() => (refused += 1));
        },
        held: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          return added - refused;
        },
      };
    },
  },
  'summaries that wait': {
    bound: 20_000,
    fill: () => {
      let written = 0;
      const writer = new SummaryWriter({
        conversations: {
          raiseSummaries: (summaries: ReadonlyMap<string, unknown>) =>
            Promise.resolve(void (written = summaries.size)),
        },
        logger: silentLogger(),
      });
      return {
        add: (at) => writer.note({ conversationId: `c${at}`, seq: 1, at: 1 }),
        held: async () => {
          await writer.close();
          return written;
        },
      };
    },
  },
  'read receipts that are collected': {
    bound: 20_000,
    fill: () => {
      let collected = 0;
      const recorder = new ReadReceiptRecorder({
        outbox: { recordRead: (reads) => Promise.resolve((collected = reads.length)) },
        onScheduled: () => undefined,
        reportFault: () => assert.fail(),
      });
      return {
        add: (at) =>
          recorder.record({ userId: 'u', conversationId: `c${at}`, seq: 1 } as Parameters<
            typeof recorder.record
          >[0]),
        held: async () => {
          await recorder.flush();
          return collected;
        },
      };
    },
  },
  'deletions that are collected': {
    bound: 5_000,
    fill: () => {
      let collected = 0;
      const recorder = new DeletionRecorder({
        log: { state: () => Promise.resolve({ membership: { members: new Map() } }) },
        outbox: {
          recordDeleted: (found: readonly unknown[]) => Promise.resolve((collected = found.length)),
        },
        onScheduled: () => undefined,
        reportFault: () => assert.fail(),
      } as unknown as ConstructorParameters<typeof DeletionRecorder>[0]);
      return {
        add: (at) => recorder.record({ conversationId: `c${at}`, seq: 2, messageSeq: 1 }),
        held: async () => {
          await recorder.flush();
          return collected;
        },
      };
    },
  },
  'conversations with messages that nobody has acknowledged': {
    bound: 50_000,
    fill: () => {
      const pending = new PendingDeliveries(() => 0);
      return {
        add: (at) => pending.add({ conversationId: `c${at}`, seq: 1, senderId: 'u' }),
        held: () => pending.size,
      };
    },
  },
  'memberships of users who have left': {
    bound: 50_000,
    fill: () => {
      const kept = new KeptUsers<string>(() => 0);
      return {
        add(at) {
          kept.keep(`u${at}`, 1);
          kept.takeOverdue();
        },
        held: () => kept.memberships,
      };
    },
  },
  'conversations in which another node is preferred': {
    bound: 1_000,
    fill: () => {
      const conversations: string[] = [];
      const contended = new ContendedConversations({
        link: { nodeId: 'b', isAlive: () => true },
        monotonic: () => 0,
      });
      return {
        add(at) {
          conversations.push(`c${at}`);
          contended.chosenByOther(`c${at}`);
          contended.committed(`c${at}`, 'a');
        },
        held: () => conversations.filter((id) => contended.writerOf(id) === 'a').length,
      };
    },
  },
};

describe('what clients can fill has a bound:', () => {
  for (const [what, { bound, fill }] of Object.entries(BOUNDS)) {
    it(`${what}: ${bound.toLocaleString('en')}`, async () => {
      const filled = fill();
      // Some fit into a round that begins at once.
      for (let at = 0; at < bound + 2_500; at += 1) filled.add(at);
      assert.equal(await filled.held(), bound);
    });
  }
});
