import { Periodic, type PeriodicMetrics } from '@parley/backend-common';
import type { Now } from '@parley/common';

import type { ReportFault } from '../../faults.ts';
import { idsOfAccepted } from '../accepted-between.ts';
import type { MessageRepository } from '../message-repository.ts';
import type { OutboxRepository } from '../outbox/outbox-repository.ts';
import type { ForegroundUsers } from '../ports.ts';
import {
  SLOT,
  newest,
  type Newest,
  type PendingDeliveries,
  type Slot,
} from './pending-deliveries.ts';
import type { Candidate, RecipientSelector, Selection } from './recipient-selector.ts';

interface PushSchedulerDeps {
  readonly pending: PendingDeliveries;
  readonly recipients: RecipientSelector;
  readonly outbox: Pick<OutboxRepository, 'schedule'>;
  readonly messages: Pick<MessageRepository, 'acceptedBetween'>;
  readonly foreground: Pick<ForegroundUsers, 'isInForegroundHere'>;
  /** Milliseconds in which a device in the foreground may acknowledge before a push is scheduled. */
  readonly acknowledgeWithin: number;
  /** Called when a push was scheduled. */
  readonly onScheduled: () => void;
  readonly overflow: { inc(): void };
  readonly periodicMetrics: PeriodicMetrics;
  readonly now: Now;
  readonly reportFault: ReportFault;
}

/** Members who receive a push, and what happens with each after it is scheduled. */
interface Choice {
  readonly selection: Selection;
  readonly isExcluded: (candidate: Candidate) => boolean;
  readonly onScheduled?: (conversationId: string, userId: string) => void;
}

const PAGE = 1_000;

/**
 * Decides who receives a push. A member without a device in the foreground is scheduled within a second; a member with
 * one who does not acknowledge, after `acknowledgeWithin`. Only what is scheduled is written to the database.
 */
export class PushScheduler {
  readonly #deps: PushSchedulerDeps;
  readonly #scheduling: Periodic;

  constructor(deps: PushSchedulerDeps) {
    this.#deps = deps;
    this.#scheduling = new Periodic({
      ...{ name: 'push_scheduling', every: SLOT / 2, metrics: deps.periodicMetrics },
      run: () => this.#scheduleDue(),
      onFault: (error) => deps.reportFault('push_scheduling_failed', error),
    });
  }

  start(): void {
    this.#scheduling.start();
  }

  /**
   * Schedules the pushes of all recorded messages, and stops. Returns `false` if some could not be scheduled, so that
   * another node must do it. Never rejects.
   */
  async stop(): Promise<boolean> {
    await this.#scheduling.stop();
    const { pending, reportFault } = this.#deps;
    try {
      await this.#handleOverflow();
      for (const slot of pending.all()) await this.#scheduleUnacknowledged(slot);
    } catch (error) {
      reportFault('push_scheduling_failed', error);
    }
    return pending.isEmpty;
  }

  /**
   * Schedules pushes from the log: for members who have not acknowledged messages that were accepted between two times
   * (milliseconds) on any node. Idempotent.
   */
  async scheduleFromLog(from: number, to: number): Promise<void> {
    const { before, ...start } = idsOfAccepted(from, to);
    let { after } = start;
    for (;;) {
      const page = await this.#deps.messages.acceptedBetween(after, before, PAGE);
      const conversations = new Map<string, Newest>();
      for (const place of page) {
        const known = conversations.get(place.conversationId);
        conversations.set(place.conversationId, newest(known, place));
      }
      await this.#schedule(conversations, {
        selection: 'unacknowledged',
        isExcluded: () => false,
      });
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last._id;
    }
  }

  async #scheduleDue(): Promise<void> {
    const { acknowledgeWithin, now, pending } = this.#deps;
    for (const slot of pending.endedBefore(now())) {
      if (!slot.isBackgroundDone) await this.#scheduleBackground(slot);
    }
    for (const slot of pending.endedBefore(now() - acknowledgeWithin)) {
      await this.#scheduleUnacknowledged(slot);
    }
    await this.#handleOverflow();
  }

  async #scheduleBackground(slot: Slot): Promise<void> {
    const { foreground } = this.#deps;
    const { conversations, scheduled } = slot;
    await this.#schedule(conversations, {
      selection: 'background',
      isExcluded: ({ userId }) => foreground.isInForegroundHere(userId),
      onScheduled(conversationId, userId) {
        const users = scheduled.get(conversationId);
        if (users === undefined) scheduled.set(conversationId, new Set([userId]));
        else users.add(userId);
      },
    });
    slot.isBackgroundDone = true;
  }

  async #scheduleUnacknowledged(slot: Slot): Promise<void> {
    const { pending } = this.#deps;
    const { conversations, scheduled } = slot;
    await this.#schedule(conversations, {
      selection: 'unacknowledged',
      isExcluded: ({ conversationId, seq, userId }) =>
        scheduled.get(conversationId)?.has(userId) === true ||
        pending.hasAcknowledged(conversationId, userId, seq),
    });
    pending.remove(slot);
  }

  async #schedule(
    conversations: ReadonlyMap<string, Newest>,
    { isExcluded, onScheduled, selection }: Choice,
  ): Promise<void> {
    const { outbox, recipients } = this.#deps;
    for await (const pushes of recipients.select(conversations, selection, isExcluded)) {
      if (pushes.length === 0) continue;
      await outbox.schedule(pushes);
      for (const { conversationId, userId } of pushes) onScheduled?.(conversationId ?? '', userId);
      this.#deps.onScheduled();
    }
  }

  /** Reads from the log what exceeded the memory of this node. */
  async #handleOverflow(): Promise<void> {
    const { acknowledgeWithin, now, overflow, pending } = this.#deps;
    const since = pending.takeOverflow();
    if (since === undefined) return;
    // Devices first have their time to acknowledge.
    if (since + acknowledgeWithin + SLOT > now()) {
      pending.restoreOverflow(since);
      return;
    }
    overflow.inc();
    try {
      await this.scheduleFromLog(since, now());
    } catch (error) {
      pending.restoreOverflow(since);
      throw error;
    }
  }
}
