import type { ReportFault } from '../faults.ts';
import { CommittedEntry } from '../log/committed-entry.ts';
import type { EntryDocument } from '../log/entry-document.ts';

/** What a delivery does with the entries it lets out. */
export interface DeliveryTarget {
  /** Lets one entry out to the sockets of this node; a promise where sockets join or leave with it. */
  release(offered: CommittedEntry): Promise<void> | undefined;
  /** Entries after `after`, ascending, at most `limit`. */
  read(after: number, limit: number): Promise<EntryDocument[]>;
  /**
   * The delivery was so far behind that it went on to a later position, and sent nothing after `from`. Called in the same
   * turn, before any later entry is let out.
   */
  skipped(from: number): void;
  /** Calls back once after `ms` milliseconds. */
  after(ms: number, callback: () => void): void;
  readonly reportFault: ReportFault;
}

/** Milliseconds that a hole may stay open before the log is read. */
const HOLE = 50;
const RETRY = 500;
/** More entries behind than this are not sent one by one. */
const FAR_BEHIND = 1_000;

/**
 * Lets the entries of one conversation out to the sockets of this node: each once, in `seq` order, without holes,
 * whatever order cluster events arrive in, and whether they arrive at all.
 */
export class OrderedDelivery {
  readonly #target: DeliveryTarget;
  readonly #waiting = new Map<number, CommittedEntry>();
  #position: number | undefined;
  #highest = 0;
  #isReleasing = false;
  #isFilling = false;
  #isClosed = false;
  /** When it last had something to do, in the owner's time. */
  touchedAt = 0;
  /** Whether the stored members are known to follow the log up to where it opened. */
  isVerified = false;
  /** Times that it went on without sending; each makes the members unverified again. */
  skips = 0;
  /** Users who left since then. Their stored memberships may not say so yet. */
  readonly former = new Set<string>();

  constructor(target: DeliveryTarget) {
    this.#target = target;
  }

  /** `seq` of the last entry let out; `undefined` until the delivery knows where the log stands. */
  get position(): number | undefined {
    return this.#position;
  }

  /** Whether nothing is on its way out, so that a socket may come in at exactly {@link position}. */
  get isSettled(): boolean {
    return this.#position !== undefined && !this.#isReleasing && this.#waiting.size === 0;
  }

  /** Opens at `seq`; only the first call counts. */
  open(seq: number): void {
    if (this.#position !== undefined) return;
    this.#position = seq;
    for (const waiting of this.#waiting.keys()) {
      if (waiting <= seq) this.#waiting.delete(waiting);
    }
    this.#releaseInOrder();
  }

  /** Takes an entry that is known to be committed, from wherever it was heard of. */
  offer(offered: CommittedEntry): void {
    const { seq } = offered.document;
    if (this.#isClosed || seq <= (this.#position ?? 0)) return;
    // It is on its way out at this moment.
    if (this.#isReleasing && seq === (this.#position ?? 0) + 1) return;
    this.#highest = Math.max(this.#highest, seq);
    if (seq === (this.#position ?? -1) + 1 && !this.#isReleasing && this.#waiting.size === 0) {
      this.#release(offered);
      return;
    }
    const known = this.#waiting.get(seq);
    if (known === undefined || offered.originSocketId !== undefined)
      this.#waiting.set(seq, offered);
    this.#boundWaiting();
    this.#releaseInOrder();
  }

  /** Takes note that the log reaches `seq`, though nobody offered what stands there. */
  noteTail(seq: number): void {
    if (this.#position === undefined || seq <= this.#position) return;
    this.#highest = Math.max(this.#highest, seq);
    this.#fillLater();
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
  }

  /** What is held is bounded: far ahead entries are dropped here and read from the log in their turn. */
  #boundWaiting(): void {
    if (this.#waiting.size <= FAR_BEHIND) return;
    const newest = Math.max(...this.#waiting.keys());
    this.#waiting.delete(newest);
  }

  #releaseInOrder(): void {
    while (!this.#isReleasing && !this.#isClosed && this.#position !== undefined) {
      const next = this.#waiting.get(this.#position + 1);
      if (next === undefined) break;
      this.#waiting.delete(this.#position + 1);
      this.#release(next);
    }
    if (!this.#isReleasing && this.#position !== undefined && this.#highest > this.#position)
      this.#fillLater();
  }

  #release(offered: CommittedEntry): void {
    const done = this.#target.release(offered);
    if (done === undefined) {
      this.#position = offered.document.seq;
      return;
    }
    this.#isReleasing = true;
    const finish = () => {
      this.#position = offered.document.seq;
      this.#isReleasing = false;
      this.#releaseInOrder();
    };
    done.then(finish, (error: unknown) => {
      this.#target.reportFault('members_entry_delivery_failed', error);
      finish();
    });
  }

  #fillLater(ms = HOLE): void {
    if (this.#isFilling || this.#isClosed) return;
    this.#isFilling = true;
    this.#target.after(ms, () => {
      this.#fill().then(
        () => {
          this.#isFilling = false;
          this.#releaseInOrder();
        },
        (error: unknown) => {
          this.#target.reportFault('gap_read_failed', error);
          this.#isFilling = false;
          this.#fillLater(RETRY);
        },
      );
    });
  }

  async #fill(): Promise<void> {
    const position = this.#position;
    if (position === undefined || this.#isClosed || this.#highest <= position) return;
    if (this.#highest - position > FAR_BEHIND) {
      this.#skipTo(this.#highest);
      return;
    }
    const documents = await this.#target.read(position, FAR_BEHIND);
    if (documents.length === 0) {
      // The log has nothing there: what was heard of never happened.
      this.#highest = position;
      this.#waiting.clear();
    }
    for (const document of documents) this.offer(new CommittedEntry(document));
  }

  #skipTo(seq: number): void {
    const from = this.#position ?? seq;
    this.isVerified = false;
    this.skips += 1;
    this.former.clear();
    this.#position = seq;
    for (const waiting of this.#waiting.keys()) {
      if (waiting <= seq) this.#waiting.delete(waiting);
    }
    this.#target.skipped(from);
  }
}
