import { SECOND, lowestIdAt } from '@parley/common';

/** Milliseconds that an entry may have waited between the creation of its id and its commit. */
const COMMIT_DELAY = 30 * SECOND;

/** The ids between which those of all entries are that a node may have committed between two times (milliseconds). */
export function idsOfAccepted(from: number, to: number): { after: string; before: string } {
  return { after: lowestIdAt(from - COMMIT_DELAY), before: lowestIdAt(to) };
}
