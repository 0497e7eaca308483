import { MINUTE, SECOND } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import type { CommittedEntry } from '../log/committed-entry.ts';
import { Gate, type GateOutlet } from './gate.ts';

interface GateKeeperDeps {
  readonly outletOf: (conversationId: string) => GateOutlet;
  readonly tails: (conversationIds: readonly string[]) => Promise<Map<string, number>>;
  /** Takes note that the log of a conversation reaches `seq`. */
  readonly noteTail: (conversationId: string, seq: number) => void;
  /** Resolves when the stored members of conversations follow their logs up to the tails. */
  readonly verify: (tails: ReadonlyMap<string, number>) => Promise<void>;
  readonly hasSockets: (conversationId: string) => boolean;
  readonly after: (ms: number, callback: () => void) => void;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly reportFault: ReportFault;
}

/** Conversations whose tails are asked for in one query. */
const TAILS = 2_000;
const RETRY = 500;
/** A full round of comparisons takes this many sweeps of 2 s: 30 s. */
const SLICES = 15;
export const SWEEP_EVERY = 2 * SECOND;

/** The gates of the conversations that have sockets on this node. */
export class GateKeeper {
  readonly #deps: GateKeeperDeps;
  readonly #gates = new Map<string, Gate>();
  readonly #opening = new Map<string, Promise<void>>();
  #batch: { conversationIds: string[]; opened: Promise<void> } | undefined;
  #slice = 0;

  constructor(deps: GateKeeperDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#gates.size;
  }

  get(conversationId: string): Gate | undefined {
    return this.#gates.get(conversationId);
  }

  /** Offers an entry to the gate of its conversation; where nobody here listens, there is none and needs none. */
  offer(offered: CommittedEntry): void {
    const { conversationId, seq } = offered.document;
    let gate = this.#gates.get(conversationId);
    if (gate === undefined && this.#deps.hasSockets(conversationId)) {
      gate = this.openBefore(conversationId, seq);
    }
    if (gate === undefined) return;
    gate.touchedAt = this.#deps.monotonic();
    gate.offer(offered);
  }

  /** The gate of a conversation, open right before `seq` if it was not open yet. */
  openBefore(conversationId: string, seq: number): Gate {
    const gate = this.#gates.get(conversationId) ?? this.#create(conversationId);
    gate.touchedAt = this.#deps.monotonic();
    gate.open(seq - 1);
    return gate;
  }

  /**
   * Resolves when each conversation has a gate that knows where its log stands, and the stored members follow the log up
   * to there. Few queries serve many callers.
   */
  async ensure(conversationIds: readonly string[]): Promise<void> {
    const waitFor = new Set<Promise<void>>();
    for (const conversationId of conversationIds) {
      const gate = this.#gates.get(conversationId);
      if (gate?.position !== undefined && gate.isVerified) {
        gate.touchedAt = this.#deps.monotonic();
        continue;
      }
      let opening = this.#opening.get(conversationId);
      if (opening === undefined) {
        if (gate === undefined) this.#create(conversationId);
        opening = this.#openSoon(conversationId);
        this.#opening.set(conversationId, opening);
      }
      waitFor.add(opening);
    }
    await Promise.all(waitFor);
  }

  /**
   * Compares gates with the log and forgets those without sockets: the last hint of a conversation may be lost with
   * none after it. Gates that were busy within a minute are compared each time, the others every 30 s.
   */
  async sweep(): Promise<void> {
    const since = this.#deps.monotonic() - MINUTE;
    this.#slice = (this.#slice + 1) % SLICES;
    const due: string[] = [];
    let index = 0;
    for (const [conversationId, gate] of this.#gates) {
      index += 1;
      if (gate.position === undefined) continue;
      const isInSlice = index % SLICES === this.#slice;
      const isQuiet = gate.touchedAt < since && gate.isSettled;
      if (isInSlice && isQuiet && !this.#deps.hasSockets(conversationId)) {
        gate.close();
        this.#gates.delete(conversationId);
      } else if (isInSlice || gate.touchedAt >= since) {
        due.push(conversationId);
      }
    }
    await this.compare(due);
  }

  /** Compares gates with the tails of their logs. */
  async compare(conversationIds: readonly string[]): Promise<void> {
    for (let from = 0; from < conversationIds.length; from += TAILS) {
      const tails = await this.#deps.tails(conversationIds.slice(from, from + TAILS));
      for (const [conversationId, seq] of tails) {
        this.#deps.noteTail(conversationId, seq);
        const gate = this.#gates.get(conversationId);
        if (gate?.position === undefined || seq <= gate.position) continue;
        // It is busy, though no cluster event says so: the next comparisons include it.
        gate.touchedAt = this.#deps.monotonic();
        gate.noteTail(seq);
      }
    }
  }

  /** Compares every gate: after a link to the other nodes was lost and is back. */
  compareAll(): Promise<void> {
    return this.compare([...this.#gates.keys()]);
  }

  close(): void {
    for (const gate of this.#gates.values()) gate.close();
    this.#gates.clear();
  }

  #create(conversationId: string): Gate {
    const gate = new Gate(this.#deps.outletOf(conversationId));
    gate.touchedAt = this.#deps.monotonic();
    this.#gates.set(conversationId, gate);
    return gate;
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
    for (const id of conversationIds) this.#gates.get(id)?.open(tails.get(id) ?? 0);
    await this.#deps.verify(tails);
    for (const id of conversationIds) {
      const gate = this.#gates.get(id);
      if (gate !== undefined) gate.isVerified = true;
    }
  }
}
