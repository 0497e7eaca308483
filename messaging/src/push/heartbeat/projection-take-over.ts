import type { ReportFault } from '../../faults.ts';
import { idsOfAccepted } from '../accepted-between.ts';
import type { MembershipEntryRepository } from './membership-entry-repository.ts';

interface ProjectionTakeOverDeps {
  readonly entries: Pick<MembershipEntryRepository, 'acceptedBetween'>;
  /** Repairs the projection of a conversation if it lacks entries up to `seq`, and announces those. */
  readonly repair: (conversationId: string, seq: number) => Promise<void>;
  readonly reportFault: ReportFault;
}

const PAGE = 1_000;

/**
 * Completes what a crashed node may have left between a change of members and its projection. A node that has the
 * conversation open does that within seconds; this is for conversations that no node has open.
 */
export class ProjectionTakeOver {
  readonly #deps: ProjectionTakeOverDeps;

  constructor(deps: ProjectionTakeOverDeps) {
    this.#deps = deps;
  }

  /**
   * Repairs projections of changes that any node accepted between two times (milliseconds). Idempotent. Returns whether
   * all of them could be repaired.
   */
  async repair(from: number, to: number): Promise<boolean> {
    let areRepaired = true;
    for (const [conversationId, seq] of await this.#newest(from, to)) {
      try {
        await this.#deps.repair(conversationId, seq);
      } catch (error) {
        // The other conversations must not wait for this one.
        this.#deps.reportFault('membership_projection_failed', error);
        areRepaired = false;
      }
    }
    return areRepaired;
  }

  /** `seq` of the newest change, by conversation. */
  async #newest(from: number, to: number): Promise<ReadonlyMap<string, number>> {
    const newest = new Map<string, number>();
    const { before, ...start } = idsOfAccepted(from, to);
    let { after } = start;
    for (;;) {
      const page = await this.#deps.entries.acceptedBetween(after, before, PAGE);
      for (const { conversationId, seq } of page) {
        newest.set(conversationId, Math.max(seq, newest.get(conversationId) ?? 0));
      }
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return newest;
      after = last._id;
    }
  }
}
