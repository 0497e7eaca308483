import { SECOND, lowestIdAt, type Now } from '@parley/common';

import type { ReportFault } from '../../faults.ts';
import type { MessagePlace } from '../../log/entry-repository.ts';
import type { OutboxRepository } from '../outbox/outbox-repository.ts';
import { SLOT, newest, type Newest, type Pending, type Slot } from './pending-deliveries.ts';
import type { Lookers } from '../ports.ts';
import type { Recipients } from './recipient-selector.ts';

interface PushSchedulerDeps {
  readonly pending: Pending;
  readonly recipients: Recipients;
  readonly outbox: Pick<OutboxRepository, 'schedule'>;
  readonly entries: {
    messagesSince(after: string, before: string, limit: number): Promise<MessagePlace[]>;
  };
  readonly lookers: Pick<Lookers, 'isLookingHere'>;
  /** Milliseconds in which a device in the foreground may acknowledge. */
  readonly patience: number;
  /** Called when something was scheduled. */
  readonly onScheduled: () => void;
  readonly overflow: { inc(): void };
  readonly now: Now;
  readonly reportFault: ReportFault;
}

const PAGE = 1_000;
/** An entry may have waited this long between its id and its commit. */
const ACCEPTED_EARLIER = 30 * SECOND;

/**
 * Decides who is pushed to. Whoever has no device in the foreground is scheduled within a second; whoever has one and
 * does not acknowledge, when its patience is over. Only what is scheduled is written.
 */
export class PushScheduler {
  readonly #deps: PushSchedulerDeps;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(deps: PushSchedulerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.run(), SLOT / 2).unref();
  }

  /** Decides about everything that is still open, and stops. Answers whether nothing is left for others to do. */
  async stop(): Promise<boolean> {
    clearInterval(this.#timer);
    await this.#running;
    const { pending } = this.#deps;
    await this.#attempt(async () => {
      await this.#makeUpForLost();
      for (const slot of pending.all()) await this.#settle(slot);
    });
    return pending.isEmpty;
  }

  /** Deals with what is due now, or joins the run under way. Never throws: what fails is tried again. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Schedules whoever has not acknowledged messages that were accepted between two times (milliseconds). */
  async redo(from: number, to: number): Promise<void> {
    const before = lowestIdAt(to);
    let after = lowestIdAt(from - ACCEPTED_EARLIER);
    for (;;) {
      const page = await this.#deps.entries.messagesSince(after, before, PAGE);
      const conversations = new Map<string, Newest>();
      for (const place of page) {
        const known = conversations.get(place.conversationId);
        conversations.set(place.conversationId, newest(known, place));
      }
      await this.#schedule(conversations, 'late', () => false);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last._id;
    }
  }

  async #run(): Promise<void> {
    const { now, patience, pending } = this.#deps;
    await this.#attempt(async () => {
      for (const slot of pending.endedBefore(now())) if (!slot.isEarlyDone) await this.#early(slot);
      for (const slot of pending.endedBefore(now() - patience)) await this.#settle(slot);
      await this.#makeUpForLost();
    });
  }

  async #attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#deps.reportFault('push_scheduling_failed', error);
      return false;
    }
  }

  async #early(slot: Slot): Promise<void> {
    const { lookers } = this.#deps;
    const { conversations, scheduled } = slot;
    const isOut = ({ userId }: { userId: string }) => lookers.isLookingHere(userId);
    await this.#schedule(conversations, 'away', isOut, (conversationId, userId) => {
      const known = scheduled.get(conversationId);
      if (known === undefined) scheduled.set(conversationId, new Set([userId]));
      else known.add(userId);
    });
    slot.isEarlyDone = true;
  }

  async #settle(slot: Slot): Promise<void> {
    const { pending } = this.#deps;
    const { conversations, scheduled } = slot;
    await this.#schedule(
      conversations,
      'late',
      ({ conversationId, seq, userId }) =>
        scheduled.get(conversationId)?.has(userId) === true ||
        pending.hasAcknowledged(conversationId, userId, seq),
    );
    pending.forget(slot);
  }

  async #schedule(
    conversations: ReadonlyMap<string, Newest>,
    choice: 'away' | 'late',
    ...[isOut, onScheduled]: [
      isOut: Parameters<Recipients['choose']>[2],
      onScheduled?: (conversationId: string, userId: string) => void,
    ]
  ): Promise<void> {
    const { outbox, recipients } = this.#deps;
    for await (const chosen of recipients.choose(conversations, choice, isOut)) {
      if (chosen.length === 0) continue;
      await outbox.schedule(chosen);
      for (const { conversationId, userId } of chosen) onScheduled?.(conversationId ?? '', userId);
      this.#deps.onScheduled();
    }
  }

  /** What was too much to be remembered is read from the log. */
  async #makeUpForLost(): Promise<void> {
    const { now, overflow, patience, pending } = this.#deps;
    const lost = pending.takeLost();
    if (lost === undefined) return;
    // Not before those who may acknowledge have had their time.
    if (lost + patience + SLOT > now()) {
      pending.putBackLost(lost);
      return;
    }
    overflow.inc();
    try {
      await this.redo(lost, now());
    } catch (error) {
      pending.putBackLost(lost);
      throw error;
    }
  }
}
