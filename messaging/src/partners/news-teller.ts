import type { SocketEvents } from '../conversations/ports.ts';
import type { StatusRepository, Untold, News } from '../status/repository.ts';
import type { PartnerNews } from './ports.ts';

interface NewsTellerDeps {
  readonly statuses: Pick<StatusRepository, 'told'>;
  readonly events: Pick<SocketEvents, 'toUser'>;
  readonly news: PartnerNews;
  readonly onTold: (event: News['event']) => void;
  readonly onFault: (fault: string, error: unknown) => void;
}

/** Tells the devices of people what is new of them and their partners. */
export class NewsTeller {
  readonly #deps: NewsTellerDeps;
  readonly #forgetting = new Set<Promise<void>>();

  constructor(deps: NewsTellerDeps) {
    this.#deps = deps;
  }

  /** Tells all news of each of the people at once, oldest first; that they are told is written behind it. */
  tell(people: readonly Untold[]): void {
    for (const person of people) {
      for (const news of person.news) this.#tellOne(person.userId, news);
      this.#forget(this.forget([person]));
    }
  }

  /** The same for many: lets everybody else have a turn after every few, and resolves when it is written. */
  async tellMany(people: readonly Untold[]): Promise<void> {
    for (const [index, person] of people.entries()) {
      if (index % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
      for (const news of person.news) this.#tellOne(person.userId, news);
    }
    await this.forget(people);
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#forgetting]);
  }

  /** Writes that the news of people who have one teller were told. What cannot be written is told again. */
  async forget(people: readonly Untold[]): Promise<void> {
    const [first] = people;
    if (first === undefined) return;
    const userIds = people.map(({ userId }) => userId);
    try {
      await this.#deps.statuses.told(userIds, first.teller);
    } catch (error) {
      this.#deps.onFault('News of partners may be told twice', error);
    }
  }

  #forget(writing: Promise<void>): void {
    this.#forgetting.add(writing);
    void writing.then(() => this.#forgetting.delete(writing));
  }

  #tellOne(userId: string, { event, recipientId }: News): void {
    const { events, news, onTold } = this.#deps;
    if (event.type === 'PARTNER_STATUS_CHANGED') {
      const { status, statusExpiration, timestamp } = event;
      events.toUser(userId, 'status', { status, statusExpiration, timestamp });
    }
    if (recipientId === null) return;
    events.toUser(recipientId, 'partner', event);
    news.changed({ recipientId, event });
    onTold(event);
  }
}

/** People told in one turn of the event loop: less than a millisecond. */
const AT_ONCE = 20;
