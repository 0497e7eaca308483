import type { EntryDocument } from './entry-document.ts';
import { fold } from './fold.ts';
import type { Lane, Numbered, Waiting } from './lane.ts';
import { decide, type Decision } from './policy.ts';
import type { ConversationState } from './state.ts';

/** What a round still has room for. */
export interface RoundBudget {
  entries: number;
  bytes: number;
}

/** An entry that gets no number: what was decided instead. */
export interface Unnumbered {
  readonly waiting: Waiting;
  readonly decision: Exclude<Decision, { kind: 'write' }>;
}

/** The prefix of a queue that goes into a round. */
export interface Run {
  readonly numbered: Numbered[];
  readonly unnumbered: Unnumbered[];
}

/** Entries of one conversation in a round at most: more would let it crowd out the others. */
const LARGEST_RUN = 100;

/**
 * Takes the longest prefix of a lane's queue that fits, asks the policy entry by entry with the effect of the
 * entries before it, and numbers what may be written `state.seq + 1, + 2, …`.
 */
export function numberRun(lane: Lane, state: ConversationState, budget: RoundBudget): Run {
  const run: Run = { numbered: [], unnumbered: [] };
  let current = state;
  let taken = 0;
  for (const waiting of lane.queue) {
    if (run.numbered.length >= LARGEST_RUN) break;
    if (budget.entries < 1 || budget.bytes < waiting.bytes) break;
    const decision = decide(current, waiting.draft, waiting.facts);
    if (decision.kind === 'write') {
      const document = { ...decision.draft, seq: current.seq + 1 } as EntryDocument;
      current = fold(current, document);
      run.numbered.push({ waiting, document, after: current });
      budget.entries -= 1;
      budget.bytes -= waiting.bytes;
    } else {
      // A refusal that rests on a change not yet committed waits until that change is.
      if (current.membership !== state.membership) break;
      run.unnumbered.push({ waiting, decision });
    }
    taken += 1;
  }
  lane.queue = taken === lane.queue.length ? [] : lane.queue.slice(taken);
  return run;
}
