import { foldMembership } from './fold.ts';
import type { ConversationQueue, Waiting } from './conversation-queue.ts';
import { decide, type Decision } from './policy.ts';
import type { ConversationState } from './state.ts';

/** How much may still be added to a round. */
export interface RoundBudget {
  entries: number;
  bytes: number;
}

/** An entry that gets no `seq`, and the decision on it. */
export interface Unnumbered {
  readonly waiting: Waiting;
  readonly decision: Exclude<Decision, { kind: 'write' }>;
}

/** The entries at the front of a queue, after the decision on each. */
export interface Run {
  readonly numbered: Waiting[];
  readonly unnumbered: Unnumbered[];
}

/** Largest number of entries of one conversation in a round, so that other conversations get their share. */
const LARGEST_RUN = 100;

/**
 * Removes the longest prefix of a conversation queue that fits the budget. The policy decides on each entry with the
 * membership after the entries before it. Entries that may be written are numbered `state.seq + 1`, `+ 2` and so on.
 */
export function assignSeqs(
  queue: ConversationQueue,
  state: ConversationState,
  budget: RoundBudget,
): Run {
  const run: Run = { numbered: [], unnumbered: [] };
  let { membership, seq } = state;
  let taken = 0;
  for (const waiting of queue.waiting) {
    if (run.numbered.length >= LARGEST_RUN) break;
    if (waiting.settled) {
      taken += 1;
      continue;
    }
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
      // A refusal because of a change that is not committed yet waits until it is.
      if (membership !== state.membership) break;
      run.unnumbered.push({ waiting, decision });
    }
    taken += 1;
  }
  queue.waiting = taken === queue.waiting.length ? [] : queue.waiting.slice(taken);
  return run;
}
