import type { Metrics } from '@parley/backend-common';
import { MINUTE, SECOND, type Now } from '@parley/common';
import type { Receipt } from '@parley/common/contract';

/** The fields of an entry that its times are measured from. */
interface Timed {
  readonly conversationId: string;
  readonly seq: number;
  readonly senderId: string;
  /** When a node accepted it. */
  readonly at: number;
}

/** Measures the times since a node accepted an entry, by the clock that all nodes share. */
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
  const awaited = new FirstReceipts();
  // Two nodes estimate the shared clock slightly differently, so a time could be negative.
  const since = (at: number, time = now()) => Math.max(0, time - at) / SECOND;
  return {
    committed(entries) {
      const time = now();
      for (const { document } of entries) committed.observe(since(document.at, time));
    },
    received(documents) {
      const last = documents.at(-1);
      if (last !== undefined) received.observe(since(last.at));
    },
    emitted(entry) {
      const time = now();
      emitted.observe(since(entry.at, time));
      awaited.expect(entry, time);
    },
    acknowledged({ isDeliveredNew, isReadNew, receipt }) {
      const { conversationId, deliveredSeq, readSeq, userId } = receipt;
      const ofDelivery =
        isDeliveredNew && awaited.take('delivered', { conversationId, userId, seq: deliveredSeq });
      if (ofDelivery) delivered.observe(since(ofDelivery.at));
      const ofReading = isReadNew && awaited.take('read', { conversationId, userId, seq: readSeq });
      if (ofReading) read.observe(since(ofReading.at));
    },
  };
}

/** The entries of one conversation whose first receipts of each kind are awaited. */
type Awaited = Record<'delivered' | 'read', Timed | undefined>;

/** Samples receipts: of each conversation and kind, it awaits the first receipt of one entry at a time. */
class FirstReceipts {
  readonly #awaited = new Map<string, Awaited>();

  /** Awaits a receipt of each kind for an entry, unless one of that kind is awaited for an earlier entry. */
  expect({ at, conversationId, senderId, seq }: Timed, now: number): void {
    const known = this.#awaited.get(conversationId);
    if (known !== undefined && isAwaited(known.delivered, now) && isAwaited(known.read, now))
      return;
    const timed = { at, conversationId, senderId, seq };
    if (known === undefined) {
      this.#makeRoom();
      this.#awaited.set(conversationId, { delivered: timed, read: timed });
      return;
    }
    if (!isAwaited(known.delivered, now)) known.delivered = timed;
    if (!isAwaited(known.read, now)) known.read = timed;
  }

  /** The entry that a receipt up to `seq` acknowledges; `undefined` if none is awaited or it is of the sender. */
  take(
    kind: keyof Awaited,
    receipt: { readonly conversationId: string; readonly userId: string; readonly seq: number },
  ): Timed | undefined {
    const known = this.#awaited.get(receipt.conversationId);
    const awaited = known?.[kind];
    if (known === undefined || awaited === undefined || awaited.seq > receipt.seq) return undefined;
    if (awaited.senderId === receipt.userId) return undefined;
    known[kind] = undefined;
    if (known.delivered === undefined && known.read === undefined) {
      this.#awaited.delete(receipt.conversationId);
    }
    return awaited;
  }

  #makeRoom(): void {
    if (this.#awaited.size < MOST_AWAITED) return;
    const [oldest = ''] = this.#awaited.keys();
    this.#awaited.delete(oldest);
  }
}

function isAwaited(timed: Timed | undefined, now: number): boolean {
  return timed !== undefined && now - timed.at < AWAITED_FOR;
}
