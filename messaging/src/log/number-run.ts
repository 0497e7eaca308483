import { foldMembership } from './fold.ts';
import type { ConversationQueue, Waiting } from './conversation-queue.ts';
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
  readonly numbered: Waiting[];
  readonly unnumbered: Unnumbered[];
}

/** Entries of one conversation in a round at most: more would let it crowd out the others. */
const LARGEST_RUN = 100;

/**
 * Takes the longest prefix of a conversation queue that fits, asks the policy entry by entry with the effect of the
 * entries before it, and numbers what may be written `state.seq + 1, + 2, …`.
 */
export function numberRun(
  queue: ConversationQueue,
  state: ConversationState,
  budget: RoundBudget,
): Run {
  const run: Run = { numbered: [], unnumbered: [] };
  let { membership, seq } = state;
  let taken = 0;
  for (const waiting of queue.waiting) {
    if (run.numbered.length >= LARGEST_RUN) break;
    if (budget.entries < 1 || budget.bytes < waiting.bytes) break;
    const decision = decide(membership, waiting.draft, waiting.facts);
    if (decision.kind === 'write') {
      seq += 1;
      waiting.proposal = decision.draft;
      waiting.proposal.seq = seq;
      membership = foldMembership(membership, waiting.proposal);
      run.numbered.push(waiting);
      budget.entries -= 1;
      budget.bytes -= waiting.bytes;
    } else {
      // A refusal that rests on a change not yet committed waits until that change is.
      if (membership !== state.membership) break;
      run.unnumbered.push({ waiting, decision });
    }
    taken += 1;
  }
  queue.waiting = taken === queue.waiting.length ? [] : queue.waiting.slice(taken);
  return run;
}
