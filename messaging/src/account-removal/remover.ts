import { Periodic, type PeriodicMetrics } from '@parley/backend-common';
import type { PendingRemovalReader } from '@parley/backend-common/domain';
import { MINUTE, SECOND, type Now } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import { Failures } from './failures.ts';
import type { LeasedRemoval, RemovalQueueRepository } from './queue-repository.ts';

/** A deleted account from which something is to be removed. */
export interface Removal {
  readonly userId: string;
  /** Whether nothing that the account has begun can still be in progress. */
  readonly isSettled: boolean;
  /** Aborts when another process may do the same. */
  readonly signal: AbortSignal;
}

/** One part of a removal. Idempotent, because a removal that was interrupted begins again with the first step. */
export interface RemovalStep {
  readonly name: string;
  run(removal: Removal): Promise<void>;
}

/** What a test decides. */
export interface RemovalOverrides {
  /** Milliseconds between two looks for accounts. */
  readonly every?: number;
  /** Called before each step and before the confirmation. */
  readonly onStep?: (name: string) => void;
}

interface AccountRemoverDeps {
  readonly pending: Pick<PendingRemovalReader, 'deletedBetween'>;
  readonly queue: RemovalQueueRepository;
  readonly steps: readonly RemovalStep[];
  /** Notifies auth that everything is removed. */
  readonly confirm: (userId: string) => Promise<void>;
  readonly onRemoved: () => void;
  readonly overrides: RemovalOverrides;
  readonly periodicMetrics: PeriodicMetrics;
  readonly now: Now;
  readonly reportFault: ReportFault;
}

const EVERY = 5 * SECOND;
const AT_ONCE = 10;
/** Deleted accounts that are read at once. */
export const PAGE = 50;
/**
 * Milliseconds from the deletion to its first pass. By then, every node has sent the changed profile to those who share
 * a conversation, and no node remembers the profile from before, with which somebody could add the user to a group.
 */
export const REST = 10 * SECOND;
/** Milliseconds from the deletion to its last pass. Sessions are remembered for 30 s, and an entry waits for 15 s. */
export const SETTLED_AFTER = MINUTE;

/**
 * Removes what belongs to deleted accounts. Every node looks for them, and one at a time works on an account. The steps
 * are carried out twice: soon, and once more when no request of the account can be in progress any more.
 */
export class AccountRemover {
  readonly #deps: AccountRemoverDeps;
  readonly #runs: Periodic;
  /** From which time of deletion on the next page is, so that accounts which cannot be removed do not hide later ones. */
  #from = 0;

  constructor(deps: AccountRemoverDeps) {
    this.#deps = deps;
    this.#runs = new Periodic({
      name: 'account_removal',
      every: deps.overrides.every ?? EVERY,
      run: (signal) => this.#run(signal),
      metrics: deps.periodicMetrics,
      onFault: (error) => deps.reportFault('account_removal_failed', error),
    });
  }

  start(): void {
    this.#runs.start();
  }

  /** Waits for the step in progress; the next process goes on. */
  stop(): Promise<void> {
    return this.#runs.stop();
  }

  async #run(stopping: AbortSignal): Promise<void> {
    const { queue } = this.#deps;
    await this.#enqueue();
    for (const leased of await queue.claim(AT_ONCE)) {
      if (stopping.aborted) return;
      await this.#attempt(leased, stopping);
    }
  }

  /** Queues the next page of deleted accounts. After the last page comes the first one again. */
  async #enqueue(): Promise<void> {
    const { now, pending, queue } = this.#deps;
    const from = this.#from;
    const found = await pending.deletedBetween({ from, to: now() - REST, limit: PAGE });
    await queue.add(found);
    const last = found.length === PAGE ? found.at(-1) : undefined;
    this.#from = last === undefined ? 0 : Math.max(last.since, from + 1);
  }

  async #attempt(leased: LeasedRemoval, stopping: AbortSignal): Promise<void> {
    const { now, queue, reportFault } = this.#deps;
    const settledAt = leased.document.since + SETTLED_AFTER;
    const isSettled = settledAt <= now();
    try {
      await queue.hold(leased, (lost) =>
        this.#remove(leased.id, { isSettled, signal: AbortSignal.any([lost, stopping]) }),
      );
      if (isSettled) await queue.remove(leased);
      else await queue.postpone(leased, settledAt - now());
    } catch (error) {
      if (stopping.aborted) {
        await queue.postpone(leased, 0);
        return;
      }
      reportFault('account_removal_failed', error);
      await queue.retry(leased);
    }
  }

  /** A step that fails does not keep the others from what they remove. */
  async #remove(userId: string, { isSettled, signal }: Omit<Removal, 'userId'>): Promise<void> {
    const { confirm, overrides, steps } = this.#deps;
    const failures = new Failures();
    for (const step of steps) {
      signal.throwIfAborted();
      overrides.onStep?.(step.name);
      await failures.collect(() => step.run({ userId, isSettled, signal }));
    }
    failures.throwIfAny();
    if (!isSettled) return;
    overrides.onStep?.('confirm');
    await confirm(userId);
    this.#deps.onRemoved();
  }
}
