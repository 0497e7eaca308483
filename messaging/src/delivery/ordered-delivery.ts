import type { ReportFault } from '../faults.ts';
import type { CommittedEntry } from '../log/committed-entry.ts';
import { isMembership } from '../log/entry-document.ts';

/** What a delivery needs to send the entries of its conversation. */
export interface DeliveryTarget {
  /** Sends one entry to the sockets of this node. Returns a promise if sockets join or leave because of it. */
  release(offered: CommittedEntry): Promise<void> | undefined;
  /** Entries after `after`, ascending, at most `limit`. */
  read(after: number, limit: number): Promise<CommittedEntry[]>;
  /**
   * Called when the delivery was so far behind that it skipped the entries after `from`: in the same turn of the event
   * loop, before any later entry is sent.
   */
  skipped(from: number): void;
  /** Calls back once after `ms` milliseconds. */
  after(ms: number, callback: () => void): void;
  /** Counts a change of the position, of any delivery, and returns the count. */
  countChange(): number;
  readonly reportFault: ReportFault;
}

/** Milliseconds that a gap may stay open before it is read from the log. */
const GAP = 50;
const RETRY = 500;
/** A delivery that is further behind than this skips entries instead of sending each. */
const FAR_BEHIND = 1_000;

/**
 * Sends the entries of one conversation to the sockets of this node: each once, in `seq` order, without gaps. Cluster
 * events may arrive in any order, or not at all.
 */
export class OrderedDelivery {
  /** Spreads comparisons of many deliveries over time. */
  readonly slot: number;
  readonly #target: DeliveryTarget;
  readonly #waiting = new Map<number, CommittedEntry>();
  #position: number | undefined;
  #highest = 0;
  #isReleasing = false;
  /** Counts the entries beyond the position that were offered or noted. */
  #announced = 0;
  #isFilling = false;
  #isClosed = false;
  /** When it was last active, by the monotonic clock of the registry. */
  touchedAt = Number.NEGATIVE_INFINITY;
  /** When a user was last about to enter its room, by the same clock. */
  neededAt = 0;
  /** Whether an entry has opened it and its log was not compared since. Positions of later entries may have been ignored before. */
  isUncompared = false;
  /** The count of changes when its position last changed. */
  changedAt = 0;
  /** `seq` of the newest entry on members or title that it has sent; 0 if it has sent none. It may not be projected yet. */
  membershipSeq = 0;
  /** Whether the projection of members is known to be up to date with the position at which the delivery opened. */
  isVerified = false;
  /** How often it skipped entries. Each skip makes the members unverified again. */
  skips = 0;
  /** Users who left the conversation since the delivery opened. Their stored memberships may still exist. */
  readonly former = new Set<string>();

  constructor(target: DeliveryTarget, slot = 0) {
    this.slot = slot;
    this.#target = target;
  }

  /** `seq` of the last entry that was sent; `undefined` until the delivery is open. */
  get position(): number | undefined {
    return this.#position;
  }

  /** Whether no entry is waiting or being sent, so that a socket may join at exactly {@link position}. */
  get isSettled(): boolean {
    return this.#position !== undefined && !this.#isReleasing && this.#waiting.size === 0;
  }

  /** Opens at `seq`; later calls have no effect. */
  open(seq: number): void {
    if (this.#position !== undefined) return;
    this.#moveTo(seq);
    for (const waiting of this.#waiting.keys()) {
      if (waiting <= seq) this.#waiting.delete(waiting);
    }
    this.#releaseInOrder();
  }

  /** Accepts an entry that is known to be committed, from any source. */
  offer(offered: CommittedEntry): void {
    const { seq } = offered.document;
    if (this.#isClosed || seq <= (this.#position ?? 0)) return;
    // It is being sent at this moment.
    if (this.#isReleasing && seq === (this.#position ?? 0) + 1) return;
    this.#highest = Math.max(this.#highest, seq);
    if (seq === (this.#position ?? -1) + 1 && !this.#isReleasing && this.#waiting.size === 0) {
      this.#release(offered);
      return;
    }
    this.#announced += 1;
    const known = this.#waiting.get(seq);
    if (known === undefined || offered.originSocketId !== undefined)
      this.#waiting.set(seq, offered);
    this.#boundWaiting();
    this.#releaseInOrder();
  }

  /** Records that the log has entries up to `seq`, which were not offered. Before it is open, they are read after that. */
  noteTail(seq: number): void {
    if (seq <= (this.#position ?? 0)) return;
    this.#announced += 1;
    this.#highest = Math.max(this.#highest, seq);
    if (this.#position !== undefined) this.#fillLater();
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
  }

  /** Limits the waiting entries: the newest one is dropped, and read from the log later. */
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
    const { document } = offered;
    if (isMembership(document)) this.membershipSeq = document.seq;
    const done = this.#target.release(offered);
    if (done === undefined) {
      this.#moveTo(document.seq);
      return;
    }
    this.#isReleasing = true;
    const finish = () => {
      this.#moveTo(document.seq);
      this.#isReleasing = false;
      this.#releaseInOrder();
    };
    done.then(finish, (error: unknown) => {
      this.#target.reportFault('members_entry_delivery_failed', error);
      finish();
    });
  }

  #fillLater(ms = GAP): void {
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
    const announced = this.#announced;
    const missing = await this.#target.read(position, FAR_BEHIND);
    const isUnchanged = this.#announced === announced && this.#position === position;
    if (missing.length === 0 && isUnchanged) {
      // The log has no such entries: the cluster event was wrong. What came while it was read may be newer than the answer.
      this.#highest = position;
      this.#waiting.clear();
    }
    for (const entry of missing) this.offer(entry);
  }

  #moveTo(seq: number): void {
    this.#position = seq;
    this.changedAt = this.#target.countChange();
  }

  #skipTo(seq: number): void {
    const from = this.#position ?? seq;
    this.isVerified = false;
    this.skips += 1;
    this.former.clear();
    this.#moveTo(seq);
    for (const waiting of this.#waiting.keys()) {
      if (waiting <= seq) this.#waiting.delete(waiting);
    }
    this.#target.skipped(from);
  }
}
