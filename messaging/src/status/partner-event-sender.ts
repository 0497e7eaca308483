import type { SocketEvents } from '../conversations/ports.ts';
import type { ReportFault } from '../faults.ts';
import type { PartnerEventListener } from './ports.ts';
import type { StatusRepository, StoredEvent, UnsentEvents } from './repository.ts';

interface PartnerEventSenderDeps {
  readonly statuses: Pick<StatusRepository, 'markSent'>;
  readonly events: Pick<SocketEvents, 'toUser'>;
  readonly onEvent: PartnerEventListener;
  readonly onSent: (event: StoredEvent['event']) => void;
  readonly reportFault: ReportFault;
}

/** Users whose events are sent in one turn of the event loop: less than a millisecond. */
const USERS_PER_TURN = 20;

/** Sends status changes and partner events to the devices of the users whom they concern. */
export class PartnerEventSender {
  readonly #deps: PartnerEventSenderDeps;
  readonly #inProgress = new Set<Promise<void>>();

  constructor(deps: PartnerEventSenderDeps) {
    this.#deps = deps;
  }

  /** Sends the events of each user, oldest first. Returns at once; the events are marked as sent afterwards. */
  send(users: readonly UnsentEvents[]): void {
    for (const user of users) {
      const sent = user.events.map((stored) => this.#sendOne(user.userId, stored));
      this.#track(this.#markSentAfter([user], sent));
    }
  }

  /** The same for many users: yields to the event loop, and resolves when the events are marked as sent. */
  async sendMany(users: readonly UnsentEvents[]): Promise<void> {
    const sent: Promise<void>[] = [];
    for (const [index, user] of users.entries()) {
      if (index % USERS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      for (const stored of user.events) sent.push(this.#sendOne(user.userId, stored));
    }
    await this.#markSentAfter(users, sent);
  }

  /** Waits until all events sent so far are marked as sent. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#inProgress]);
  }

  /** An event is removed once every listener has stored it. Otherwise it stays and is sent again. */
  async #markSentAfter(
    users: readonly UnsentEvents[],
    sent: readonly Promise<void>[],
  ): Promise<void> {
    try {
      await Promise.all(sent);
    } catch (error) {
      this.#deps.reportFault('partner_event_send_failed', error);
      return;
    }
    try {
      await this.#deps.statuses.markSent(users);
    } catch (error) {
      this.#deps.reportFault('partner_event_mark_failed', error);
    }
  }

  #track(work: Promise<void>): void {
    this.#inProgress.add(work);
    void work.then(() => this.#inProgress.delete(work));
  }

  #sendOne(userId: string, { event, recipientId }: StoredEvent): Promise<void> {
    const { events, onEvent, onSent } = this.#deps;
    if (event.type === 'PARTNER_STATUS_CHANGED') {
      const { status, statusExpiration, timestamp } = event;
      events.toUser(userId, 'status', { status, statusExpiration, timestamp });
    }
    if (recipientId === null) return Promise.resolve();
    events.toUser(recipientId, 'partner', event);
    onSent(event);
    return onEvent({ recipientId, event });
  }
}
