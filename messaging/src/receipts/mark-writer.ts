import { AppError, SECOND, type Now } from '@parley/common';
import type { Receipt, Settings } from '@parley/common/contract';

import {
  memberKey,
  type DatedMark,
  type MarkChange,
  type Marks,
  type MemberKey,
} from '../conversations/member-document.ts';
import type { MemberRepository } from '../conversations/member-repository.ts';

/** The result of raising the marks of one membership. */
export interface Raised {
  readonly receipt: Receipt;
  /** Whether `deliveredSeq` has risen. */
  readonly isDeliveredNew: boolean;
  /** Whether `readSeq` has risen. */
  readonly isReadNew: boolean;
  /** The settings with the unread flag cleared; `undefined` if it was not set. */
  readonly cleared: Settings | undefined;
}

interface MarkWriterDeps {
  readonly members: Pick<MemberRepository, 'findMarks' | 'raiseMarks'>;
  readonly now: Now;
}

interface Waiting {
  mark: MarkChange;
  readonly answers: Answer[];
}

interface Answer {
  readonly resolve: (receipt: Receipt | undefined) => void;
  readonly reject: (error: AppError) => void;
}

/** Largest number of memberships in a round. */
const ROUND = 1_000;
/** Largest number of memberships that wait for a round. */
const MAX_WAITING = 20_000;

/**
 * Writes receipt marks in rounds: marks that arrive while a round is written wait for the next one, and several marks
 * of one membership are merged. There is no timer: the end of a round starts the next.
 */
export class MarkWriter {
  readonly #deps: MarkWriterDeps;
  readonly #waiting = new Map<string, Waiting>();
  readonly #listeners: ((raised: Raised) => void)[] = [];
  #running: Promise<void> | undefined;

  constructor(deps: MarkWriterDeps) {
    this.#deps = deps;
  }

  /** Calls `listener` once for each membership that a write changed, before `raise` resolves. It must not throw. */
  subscribe(listener: (raised: Raised) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Raises the marks of one membership; marks never decrease. Resolves after a majority has journaled them: with the
   * resulting receipt, or with `undefined` if the user is not a member.
   * @throws AppError `unavailable` (retryable) if the write fails or too many marks wait
   */
  raise(mark: MarkChange): Promise<Receipt | undefined> {
    const key = memberKey(mark.conversationId, mark.userId);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined && this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(new AppError('unavailable', undefined, { retryAfterMs: SECOND }));
    }
    return new Promise((resolve, reject) => {
      const answer = { resolve, reject };
      if (waiting === undefined) this.#waiting.set(key, { mark, answers: [answer] });
      else {
        waiting.mark = mergeMarks(waiting.mark, mark);
        waiting.answers.push(answer);
      }
      this.#running ??= this.#run().finally(() => (this.#running = undefined));
    });
  }

  /** Waits until all accepted marks are answered. */
  async close(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // Marks that arrive in the same turn of the event loop share the round.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.size > 0) await this.#round(this.#take());
  }

  #take(): Map<string, Waiting> {
    const round = new Map<string, Waiting>();
    for (const [key, waiting] of this.#waiting) {
      if (round.size === ROUND) break;
      round.set(key, waiting);
      this.#waiting.delete(key);
    }
    return round;
  }

  async #round(round: ReadonlyMap<string, Waiting>): Promise<void> {
    const { members, now } = this.#deps;
    try {
      const before = await members.findMarks([...round.values()].map(({ mark }) => mark));
      const raised = new Map<string, Raised>();
      for (const [key, { mark }] of round) {
        const marks = before.get(key);
        if (marks?.present === true) raised.set(key, raise(mark, marks));
      }
      const changed = [...raised].filter(([, each]) => hasChanges(each));
      const at = now();
      await members.raiseMarks(
        changed.flatMap(([key, each]) => {
          const waiting = round.get(key);
          if (waiting === undefined) return [];
          const isCovered = before.get(key)?.isCovered === true;
          return { ...withTimes(waiting.mark, each, at), ...(isCovered ? { isCovered } : {}) };
        }),
      );
      for (const [, each] of changed) {
        for (const listener of this.#listeners) listener(each);
      }
      for (const [key, { answers }] of round) {
        for (const { resolve } of answers) resolve(raised.get(key)?.receipt);
      }
    } catch (cause) {
      const error = new AppError('unavailable', 'The receipt could not be stored', { cause });
      for (const { answers } of round.values()) for (const { reject } of answers) reject(error);
    }
  }
}

function mergeMarks(one: MarkChange, other: MarkChange): MarkChange {
  const readSeq = Math.max(one.readSeq ?? -1, other.readSeq ?? -1);
  return {
    ...one,
    deliveredSeq: Math.max(one.deliveredSeq, other.deliveredSeq),
    ...(readSeq < 0 ? {} : { readSeq }),
  };
}

function raise(mark: MarkChange & MemberKey, before: Marks): Raised {
  const { conversationId, userId } = mark;
  const deliveredSeq = Math.max(before.deliveredSeq, mark.deliveredSeq);
  const readSeq = Math.max(before.readSeq, mark.readSeq ?? 0);
  const isCleared = mark.readSeq !== undefined && before.settings.unread;
  return {
    receipt: { conversationId, userId, deliveredSeq, readSeq },
    isDeliveredNew: deliveredSeq > before.deliveredSeq,
    isReadNew: readSeq > before.readSeq,
    cleared: isCleared ? { ...before.settings, unread: false } : undefined,
  };
}

function withTimes(mark: MarkChange, { isDeliveredNew, isReadNew }: Raised, at: number): DatedMark {
  return {
    ...mark,
    ...(isDeliveredNew ? { deliveredAt: at } : {}),
    ...(isReadNew ? { readAt: at } : {}),
  };
}

function hasChanges({ cleared, isDeliveredNew, isReadNew }: Raised): boolean {
  return isDeliveredNew || isReadNew || cleared !== undefined;
}
