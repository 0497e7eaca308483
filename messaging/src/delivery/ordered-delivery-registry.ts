import { MINUTE, SECOND } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import type { CommittedEntry } from '../log/committed-entry.ts';
import type { LogPosition } from './change-stream/position-stream-repository.ts';
import { SLICES } from './slices.ts';
import { OrderedDelivery, type DeliveryTarget } from './ordered-delivery.ts';

interface RegistryDeps {
  readonly targetOf: (conversationId: string) => DeliveryTarget;
  readonly tails: (conversationIds: readonly string[]) => Promise<Map<string, number>>;
  /** Records that the log of a conversation has entries up to `seq`. */
  readonly noteTail: (conversationId: string, seq: number) => void;
  /** Repairs the projections of conversations up to the tails of their logs. Returns those for which that failed. */
  readonly verify: (tails: ReadonlyMap<string, number>) => Promise<ReadonlySet<string>>;
  /** Whether users of this node belong to a conversation. */
  readonly hasUsers: (conversationId: string) => boolean;
  readonly after: (ms: number, callback: () => void) => void;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly reportFault: ReportFault;
}

/** Conversations whose tails are read with one query. */
const TAILS = 2_000;
const RETRY = 500;
/** Sweeps (20 minutes) that compare all deliveries once while the change stream is read: a safety net against faults. */
const FOLLOWED_SLICES = SLICES * 40;
export const SWEEP_EVERY = 2 * SECOND;

/** The deliveries of the conversations that users of this node belong to. */
export class OrderedDeliveryRegistry {
  readonly #deps: RegistryDeps;
  readonly #deliveries = new Map<string, OrderedDelivery>();
  readonly #opening = new Map<string, Promise<void>>();
  #batch: { conversationIds: string[]; opened: Promise<void> } | undefined;
  #sweeps = 0;
  #created = 0;
  #changes = 0;

  constructor(deps: RegistryDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#deliveries.size;
  }

  /** How often positions have changed so far. */
  get changes(): number {
    return this.#changes;
  }

  /** Counts a change of a position, and returns the new count. */
  countChange(): number {
    this.#changes += 1;
    return this.#changes;
  }

  /** Whether a conversation has a delivery, also one that is not open yet. */
  has(conversationId: string): boolean {
    return this.#deliveries.has(conversationId);
  }

  get(conversationId: string): OrderedDelivery | undefined {
    return this.#deliveries.get(conversationId);
  }

  /** Offers an entry to the delivery of its conversation. Does nothing if no user of this node is in the conversation. */
  offer(offered: CommittedEntry): void {
    const { conversationId, seq } = offered.document;
    let ordered = this.#deliveries.get(conversationId);
    if (ordered === undefined && this.#deps.hasUsers(conversationId)) {
      ordered = this.openBefore(conversationId, seq);
    }
    if (ordered === undefined) return;
    ordered.touchedAt = this.#deps.monotonic();
    ordered.offer(offered);
  }

  /** The delivery of a conversation. If it was not open yet, it opens right before `seq`. */
  openBefore(conversationId: string, seq: number): OrderedDelivery {
    const ordered = this.#deliveries.get(conversationId) ?? this.#create(conversationId);
    ordered.touchedAt = this.#deps.monotonic();
    if (ordered.position === undefined) ordered.isUncompared = true;
    ordered.open(seq - 1);
    return ordered;
  }

  /**
   * Resolves when each conversation has an open delivery, and its projection was checked against the log up to the
   * position of the delivery. Concurrent callers share queries.
   */
  async ensure(conversationIds: readonly string[]): Promise<void> {
    const waitFor = new Set<Promise<void>>();
    for (const conversationId of conversationIds) {
      const ordered = this.#deliveries.get(conversationId);
      if (ordered !== undefined) ordered.neededAt = this.#deps.monotonic();
      if (ordered?.position !== undefined && ordered.isVerified) continue;
      let opening = this.#opening.get(conversationId);
      if (opening === undefined) {
        if (ordered === undefined) this.#create(conversationId);
        opening = this.#openSoon(conversationId);
        this.#opening.set(conversationId, opening);
      }
      waitFor.add(opening);
    }
    await Promise.all(waitFor);
  }

  /**
   * Compares deliveries with the log, because the last cluster event of a conversation may be lost, and removes
   * deliveries without users. Deliveries that were active within a minute are compared each time, the others every 30 s.
   * If `isFollowed`, {@link noteGrown} gets every log that has grown, so each delivery is compared only every 20 minutes,
   * and once after an entry has opened it: positions of conversations without a delivery are ignored.
   */
  async sweep(isFollowed = false): Promise<void> {
    const since = this.#deps.monotonic() - MINUTE;
    this.#sweeps += 1;
    const due: string[] = [];
    for (const [conversationId, ordered] of this.#deliveries) {
      if (ordered.position === undefined) continue;
      const isInSlice = ordered.slot % SLICES === this.#sweeps % SLICES;
      const usedAt = Math.max(ordered.touchedAt, ordered.neededAt);
      const isQuiet = usedAt < since && ordered.isSettled;
      const isDue = isFollowed
        ? ordered.isUncompared || ordered.slot % FOLLOWED_SLICES === this.#sweeps % FOLLOWED_SLICES
        : isInSlice || ordered.touchedAt >= since;
      if (isInSlice && isQuiet && !this.#deps.hasUsers(conversationId)) {
        ordered.close();
        this.#deliveries.delete(conversationId);
      } else if (isDue) {
        due.push(conversationId);
      }
    }
    await this.compare(due);
  }

  /** Compares deliveries with the tails of their logs. */
  async compare(conversationIds: readonly string[]): Promise<void> {
    for (let from = 0; from < conversationIds.length; from += TAILS) {
      const tails = await this.#deps.tails(conversationIds.slice(from, from + TAILS));
      for (const [conversationId, seq] of tails) {
        this.#noteGrown({ conversationId, seq });
        const ordered = this.#deliveries.get(conversationId);
        if (ordered !== undefined) ordered.isUncompared = false;
      }
    }
  }

  /** Compares deliveries with logs that are known to have grown, of any conversations. */
  noteGrown(positions: readonly LogPosition[]): void {
    for (const position of positions) this.#noteGrown(position);
  }

  /** Compares every delivery. Call it when the connection to the other nodes is restored. */
  compareAll(): Promise<void> {
    return this.compare([...this.#deliveries.keys()]);
  }

  close(): void {
    for (const ordered of this.#deliveries.values()) ordered.close();
    this.#deliveries.clear();
  }

  #noteGrown({ conversationId, seq }: LogPosition): void {
    const ordered = this.#deliveries.get(conversationId);
    if (ordered === undefined) return;
    this.#deps.noteTail(conversationId, seq);
    if (seq <= (ordered.position ?? 0)) return;
    // The conversation is active although no cluster event arrived, so the next comparisons include it.
    ordered.touchedAt = this.#deps.monotonic();
    ordered.noteTail(seq);
  }

  #create(conversationId: string): OrderedDelivery {
    this.#created += 1;
    const ordered = new OrderedDelivery(this.#deps.targetOf(conversationId), this.#created);
    ordered.neededAt = this.#deps.monotonic();
    this.#deliveries.set(conversationId, ordered);
    return ordered;
  }

  #openSoon(conversationId: string): Promise<void> {
    if (this.#batch !== undefined && this.#batch.conversationIds.length < TAILS) {
      this.#batch.conversationIds.push(conversationId);
      return this.#batch.opened;
    }
    const conversationIds = [conversationId];
    const batch = {
      conversationIds,
      opened: new Promise<void>((resolve) => {
        setImmediate(() => {
          if (this.#batch === batch) this.#batch = undefined;
          this.#openAll(conversationIds, resolve);
        });
      }),
    };
    this.#batch = batch;
    return batch.opened;
  }

  #openAll(conversationIds: readonly string[], done: () => void): void {
    this.#open(conversationIds).then(
      () => {
        for (const conversationId of conversationIds) this.#opening.delete(conversationId);
        done();
      },
      (error: unknown) => {
        this.#deps.reportFault('delivery_open_failed', error);
        this.#deps.after(RETRY, () => this.#openAll(conversationIds, done));
      },
    );
  }

  async #open(conversationIds: readonly string[]): Promise<void> {
    const tails = await this.#deps.tails(conversationIds);
    const skips = new Map<string, number>();
    for (const id of conversationIds) {
      const ordered = this.#deliveries.get(id);
      ordered?.open(tails.get(id) ?? 0);
      if (ordered !== undefined) skips.set(id, ordered.skips);
    }
    const failed = await this.#deps.verify(tails);
    for (const [id, before] of skips) {
      const ordered = this.#deliveries.get(id);
      if (ordered?.skips === before && !failed.has(id)) ordered.isVerified = true;
    }
  }
}
