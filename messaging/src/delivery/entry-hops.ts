import type { Metrics } from '@parley/backend-common';
import { MINUTE, SECOND, type Now } from '@parley/common';
import type { Receipt } from '@parley/common/contract';

/** What is measured of an entry. */
interface Timed {
  readonly conversationId: string;
  readonly seq: number;
  readonly senderId: string;
  /** When a node accepted it. */
  readonly at: number;
}

/** The times from the moment at which a node accepts an entry, by the clock that all nodes share. */
export interface EntryHops {
  /** Entries that this node wrote are committed. */
  committed(entries: readonly { readonly document: Timed }[]): void;
  /** An event of another node has arrived. Its last entry is measured. */
  received(documents: readonly Timed[]): void;
  /** An entry was sent to connected users on this node. */
  emitted(entry: Timed): void;
  /** A receipt was stored. */
  acknowledged(raised: {
    readonly receipt: Receipt;
    readonly isDeliveredNew: boolean;
    readonly isReadNew: boolean;
  }): void;
}

/** Conversations in which a receipt is awaited. */
const MOST_AWAITED = 5_000;
/** Milliseconds after which a receipt is not awaited any more. */
const AWAITED_FOR = 10 * MINUTE;

/** Declares the metrics of the hops of an entry. Each call costs at most one observation. */
export function createEntryHops(metrics: Metrics, now: Now): EntryHops {
  const committed = metrics.duration(
    'parley_entry_committed_seconds',
    'Time from accepting an entry until it is committed',
  );
  const received = metrics.duration(
    'parley_entry_received_seconds',
    'Time from accepting an entry on one node until its event arrives on another',
  );
  const emitted = metrics.duration(
    'parley_entry_emitted_seconds',
    'Time from accepting an entry until a node sends it to its connected users',
  );
  const delivered = metrics.duration(
    'parley_entry_delivered_seconds',
    'Time from accepting an entry until a recipient has acknowledged it, of a sample',
  );
  const read = metrics.duration(
    'parley_entry_read_seconds',
    'Time from accepting an entry until a recipient has read it, of a sample',
  );
  const awaitedDelivery = new FirstReceipts();
  const awaitedReading = new FirstReceipts();
  // The clocks of two nodes differ by their last comparison with the primary.
  const since = (at: number) => Math.max(0, now() - at) / SECOND;
  return {
    committed(entries) {
      for (const { document } of entries) committed.observe(since(document.at));
    },
    received(documents) {
      const last = documents.at(-1);
      if (last !== undefined) received.observe(since(last.at));
    },
    emitted(entry) {
      const time = now();
      emitted.observe(Math.max(0, time - entry.at) / SECOND);
      awaitedDelivery.expect(entry, time);
      awaitedReading.expect(entry, time);
    },
    acknowledged({ isDeliveredNew, isReadNew, receipt }) {
      const { conversationId, deliveredSeq, readSeq, userId } = receipt;
      const ofDelivery =
        isDeliveredNew && awaitedDelivery.take({ conversationId, userId, seq: deliveredSeq });
      if (ofDelivery) delivered.observe(since(ofDelivery.at));
      const ofReading = isReadNew && awaitedReading.take({ conversationId, userId, seq: readSeq });
      if (ofReading) read.observe(since(ofReading.at));
    },
  };
}

/** Of each conversation, the one entry whose first receipt is awaited: a sample that costs a look-up for each entry. */
class FirstReceipts {
  readonly #awaited = new Map<string, Timed>();

  /** Awaits a receipt of an entry, unless one of an earlier entry is awaited. */
  expect({ at, conversationId, senderId, seq }: Timed, now: number): void {
    const earlier = this.#awaited.get(conversationId);
    if (earlier !== undefined) {
      if (now - earlier.at < AWAITED_FOR) return;
      this.#awaited.delete(conversationId);
    } else if (this.#awaited.size >= MOST_AWAITED) {
      const [oldest = ''] = this.#awaited.keys();
      this.#awaited.delete(oldest);
    }
    this.#awaited.set(conversationId, { at, conversationId, senderId, seq });
  }

  /** The entry that a receipt up to `seq` acknowledges; `undefined` if none is awaited or it is of the sender. */
  take(receipt: {
    readonly conversationId: string;
    readonly userId: string;
    readonly seq: number;
  }): Timed | undefined {
    const awaited = this.#awaited.get(receipt.conversationId);
    if (awaited === undefined || awaited.seq > receipt.seq) return undefined;
    if (awaited.senderId === receipt.userId) return undefined;
    this.#awaited.delete(receipt.conversationId);
    return awaited;
  }
}
