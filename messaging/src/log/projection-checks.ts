import { SECOND } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import type { Timers } from './timers.ts';

interface ProjectionChecksDeps {
  /** Repairs the documents of a conversation if they do not reach `seq`. */
  readonly repair: (conversationId: string, seq: number) => Promise<void>;
  readonly timers: Timers;
  readonly reportFault: ReportFault;
}

/** Milliseconds for which the node that wrote an entry may still be writing the documents that follow from it. */
const PATIENCE = SECOND;

/**
 * Checks that the documents of members follow the log. The node that appends a change of members writes them; where it
 * dies in between, each node that has seen the entry repairs them a second later.
 */
export class ProjectionChecks {
  readonly #deps: ProjectionChecksDeps;
  /** The newest change that was seen, by conversation. */
  readonly #due = new Map<string, number>();
  #isScheduled = false;

  constructor(deps: ProjectionChecksDeps) {
    this.#deps = deps;
  }

  /** Takes note of a committed change of members or title. */
  note(conversationId: string, seq: number): void {
    this.#due.set(conversationId, Math.max(seq, this.#due.get(conversationId) ?? 0));
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
