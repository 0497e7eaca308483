import { within, type Collection, type Db, type Transaction } from '@parley/backend-common';
import { SECOND } from '@parley/common';
import type { PartnerEvent, Status, StatusName } from '@parley/common/contract';

/** Something to be told: to the devices of a person, and where it is a change of status, to the partner at that time. */
export interface News {
  /** Whose partner hears it; `null` where nobody but the person's own devices does. */
  readonly recipientId: string | null;
  readonly event: PartnerEvent;
}

/** A person as stored: the status, the partner, and what may not have been told yet. */
interface StatusDocument {
  _id: string;
  status: StatusName;
  /** When the status ends by itself. */
  endsAt?: Date;
  /** The revision of the person: rises with each change of status, each link, and each end of one. */
  timestamp: number;
  /** Copies of what the partnership says, changed in the same transaction. */
  partnerId?: string | null;
  linkedAt?: number | null;
  /** Counts what only has to meet others that change the same person. */
  touched?: number;
  /** Oldest first. */
  news?: News[];
  /** Whoever tells the news at present, and when somebody else may. */
  teller?: string;
  tellAt?: Date;
}

/** What is known of a person. */
export interface Standing extends Status {
  readonly userId: string;
  readonly partnerId: string | null;
  readonly linkedAt: number | null;
}

/** A person with news, and who has to tell them. */
export interface Untold extends Standing {
  readonly news: readonly News[];
  readonly teller: string;
}

/** A link or its end, as it concerns one of the two. */
export interface LinkChange {
  readonly userId: string;
  readonly partnerId: string | null;
  readonly linkedAt: number | null;
  readonly timestamp: number;
  readonly event: PartnerEvent;
  readonly teller: string;
}

/** The time by which statuses end: an expression of MongoDB. */
export type DatabaseTime = () => Date | '$$NOW';

/** News that their teller has not told after this time are told by whoever finds them. */
const TELL_WITHIN = 30 * SECOND;
const WITHOUT_NEWS = { news: 0, teller: 0, tellAt: 0 } as const;
const TOLD = { news: '', teller: '', tellAt: '' } as const;

/** Writes and reads `statuses`. Every change leaves news, which stay until somebody has told them. */
export class StatusRepository {
  readonly #statuses: Collection<StatusDocument>;
  readonly #time: DatabaseTime;

  /** @param time - by which statuses end and news are told again; tests give one of their own */
  constructor(db: Db, time: DatabaseTime = () => '$$NOW') {
    this.#statuses = db.collection<StatusDocument>('statuses');
    this.#time = time;
  }

  /** One person; `null` where nothing was ever said or linked. Index `_id_`. */
  async find(userId: string, transaction?: Transaction): Promise<Standing | null> {
    const found = await this.#statuses.findOne(
      { _id: userId },
      { projection: WITHOUT_NEWS, ...within(transaction) },
    );
    return found === null ? null : toStanding(found);
  }

  /** Changes the status of a person, and leaves that as news to be told by `teller`. Index `_id_`. */
  async set(
    userId: string,
    { status, statusExpiration }: Omit<Status, 'timestamp'>,
    teller: string,
  ): Promise<Untold> {
    const endsAt = statusExpiration === null ? '$$REMOVE' : new Date(statusExpiration);
    const changed = await this.#statuses.findOneAndUpdate(
      { _id: userId },
      this.#change({ status, statusExpiration }, { teller, endsAt }),
      { upsert: true, returnDocument: 'after' },
    );
    if (changed === null) throw new Error('A status was not stored');
    return toUntold(changed);
  }

  /** People whose status is over, those first that are over longest; index `due`. */
  async due(limit: number): Promise<string[]> {
    const found = await this.#statuses
      .find({
        endsAt: { $exists: true },
        $expr: { $lte: ['$endsAt', this.#time()] },
      })
      .hint('due')
      .sort({ endsAt: 1 })
      .limit(limit)
      .project<{ _id: string }>({ _id: 1 })
      .toArray();
    return found.map(({ _id }) => _id);
  }

  /** Ends those of the statuses that are over and that nobody has ended yet, and answers them. Index `_id_`. */
  async expire(userIds: readonly string[], teller: string): Promise<Untold[]> {
    const _id = { $in: [...userIds] };
    const ended = { status: 'AVAILABLE', statusExpiration: null } as const;
    await this.#statuses.updateMany(
      { _id, endsAt: { $exists: true }, $expr: { $lte: ['$endsAt', this.#time()] } },
      this.#change(ended, { teller, endsAt: '$$REMOVE' }),
    );
    return this.#toldBy(userIds, teller);
  }

  /** Writes a link or its end to one of the two; within the transaction of the partnership. Index `_id_`. */
  async setPartner(change: LinkChange, transaction: Transaction): Promise<Untold> {
    const { event, linkedAt, partnerId, teller, timestamp, userId } = change;
    const news: News = { recipientId: userId, event };
    const all = { $concatArrays: [{ $ifNull: ['$news', []] }, [{ $literal: news }]] };
    const status = { $ifNull: ['$status', 'AVAILABLE'] };
    const changed = await this.#statuses.findOneAndUpdate(
      { _id: userId },
      [{ $set: { status, partnerId, linkedAt, timestamp, news: all, ...this.#toTell(teller) } }],
      { upsert: true, returnDocument: 'after', session: transaction },
    );
    if (changed === null) throw new Error('A link was not stored');
    return toUntold(changed);
  }

  /** Lets whatever else touches these people at the same time begin anew. Index `_id_`. */
  async touch(userIds: readonly string[], transaction: Transaction): Promise<void> {
    for (const userId of userIds) {
      await this.#statuses.updateOne(
        { _id: userId },
        { $inc: { touched: 1 }, $setOnInsert: { status: 'AVAILABLE', timestamp: 0 } },
        { upsert: true, session: transaction },
      );
    }
  }

  /** The partner of a person, or `null`. Index `_id_`. */
  async partnerOf(userId: string): Promise<string | null> {
    const found = await this.#statuses.findOne({ _id: userId }, { projection: { partnerId: 1 } });
    return found?.partnerId ?? null;
  }

  /** Those of the people whose news are `teller`'s to tell. Index `_id_`. */
  async #toldBy(userIds: readonly string[], teller: string): Promise<Untold[]> {
    const found = await this.#statuses.find({ _id: { $in: [...userIds] }, teller }).toArray();
    return found.map(toUntold);
  }

  /** Forgets news that were told; those of people who have news again since stay. Index `_id_`. */
  async told(userIds: readonly string[], teller: string): Promise<void> {
    await this.#statuses.updateMany({ _id: { $in: [...userIds] }, teller }, { $unset: TOLD });
  }

  /** News that were to be told long ago, now `teller`'s to tell; indexes `untold` and `_id_`. */
  async claimUntold(teller: string, limit: number): Promise<Untold[]> {
    const isUntold = { $expr: { $lte: ['$tellAt', this.#time()] }, tellAt: { $exists: true } };
    const found = await this.#statuses
      .find(isUntold)
      .hint('untold')
      .sort({ tellAt: 1 })
      .limit(limit)
      .project<{ _id: string }>({ _id: 1 })
      .toArray();
    if (found.length === 0) return [];
    const userIds = found.map(({ _id }) => _id);
    await this.#statuses.updateMany({ _id: { $in: userIds }, ...isUntold }, [
      { $set: this.#toTell(teller) },
    ]);
    return this.#toldBy(userIds, teller);
  }

  /** The steps of a change of status: a higher timestamp, and the news of it. */
  #change(
    { status, statusExpiration }: Omit<Status, 'timestamp'>,
    { endsAt, teller }: { readonly endsAt: Date | '$$REMOVE'; readonly teller: string },
  ): object[] {
    const event = {
      type: 'PARTNER_STATUS_CHANGED',
      partnerId: '$_id',
      status,
      statusExpiration,
      timestamp: '$timestamp',
    };
    const later = { $add: [{ $ifNull: ['$timestamp', 0] }, 1] };
    const timestamp = { $max: [{ $toLong: this.#time() }, later] };
    const news = [{ recipientId: { $ifNull: ['$partnerId', null] }, event }];
    return [
      { $set: { status, endsAt, timestamp, ...this.#toTell(teller) } },
      { $set: { news: { $concatArrays: [{ $ifNull: ['$news', []] }, news] } } },
    ];
  }

  #toTell(teller: string) {
    return { teller, tellAt: { $add: [this.#time(), TELL_WITHIN] } };
  }
}

function toStanding(document: StatusDocument): Standing {
  const { _id, endsAt, linkedAt, partnerId, status, timestamp } = document;
  return {
    userId: _id,
    status,
    statusExpiration: endsAt?.getTime() ?? null,
    timestamp,
    partnerId: partnerId ?? null,
    linkedAt: linkedAt ?? null,
  };
}

function toUntold(document: StatusDocument): Untold {
  return { ...toStanding(document), news: document.news ?? [], teller: document.teller ?? '' };
}
