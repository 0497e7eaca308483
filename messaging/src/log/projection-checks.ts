import { SECOND } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import type { Timers } from './timers.ts';

interface ProjectionChecksDeps {
  /** Repairs the projection of a conversation if it does not contain the entries up to `seq`. */
  readonly repair: (conversationId: string, seq: number) => Promise<void>;
  readonly timers: Timers;
  readonly reportFault: ReportFault;
}

/** Milliseconds in which the node that wrote an entry should have written its projection. */
const PATIENCE = SECOND;
/** Most conversations that are recorded. Changes beyond that are checked only by other nodes that have recorded them. */
const RECORDED_AT_MOST = 20_000;

/**
 * Checks that the projection of members and title is up to date. The node that appends a change writes it; if that node
 * crashes before, each node that has seen the entry repairs it a second later.
 */
export class ProjectionChecks {
  readonly #deps: ProjectionChecksDeps;
  /** `seq` of the newest recorded change, by conversation. */
  readonly #due = new Map<string, number>();
  #isScheduled = false;

  constructor(deps: ProjectionChecksDeps) {
    this.#deps = deps;
  }

  /** Records a committed change of members or title. */
  note(conversationId: string, seq: number): void {
    const known = this.#due.get(conversationId);
    if (known === undefined && this.#due.size >= RECORDED_AT_MOST) return;
    this.#due.set(conversationId, Math.max(seq, known ?? 0));
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#deps.timers.after(PATIENCE, () => {
      this.#isScheduled = false;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    const due = [...this.#due];
    this.#due.clear();
    for (const [conversationId, seq] of due) {
      try {
        await this.#deps.repair(conversationId, seq);
      } catch (error) {
        this.#deps.reportFault('membership_projection_failed', error);
        this.note(conversationId, seq);
      }
    }
  }
}
