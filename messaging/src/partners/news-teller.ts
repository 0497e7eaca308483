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
      const told = person.news.map((news) => this.#tellOne(person.userId, news));
      this.#forget(this.#forgetOnce([person], told));
    }
  }

  /** The same for many: lets everybody else have a turn after every few, and resolves when it is written. */
  async tellMany(people: readonly Untold[]): Promise<void> {
    const told: Promise<void>[] = [];
    for (const [index, person] of people.entries()) {
      if (index % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
      for (const news of person.news) told.push(this.#tellOne(person.userId, news));
    }
    await this.#forgetOnce(people, told);
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

  /** Forgets the news once everybody who learns of them has them; else they are told again. */
  async #forgetOnce(people: readonly Untold[], told: readonly Promise<void>[]): Promise<void> {
    try {
      await Promise.all(told);
    } catch (error) {
      this.#deps.onFault('News of partners are told again', error);
      return;
    }
    await this.forget(people);
  }

  #forget(writing: Promise<void>): void {
    this.#forgetting.add(writing);
    void writing.then(() => this.#forgetting.delete(writing));
  }

  #tellOne(userId: string, { event, recipientId }: News): Promise<void> {
    const { events, news, onTold } = this.#deps;
    if (event.type === 'PARTNER_STATUS_CHANGED') {
      const { status, statusExpiration, timestamp } = event;
      events.toUser(userId, 'status', { status, statusExpiration, timestamp });
    }
    if (recipientId === null) return Promise.resolve();
    events.toUser(recipientId, 'partner', event);
    onTold(event);
    return news.changed({ recipientId, event });
  }
}

/** People told in one turn of the event loop: less than a millisecond. */
const AT_ONCE = 20;
