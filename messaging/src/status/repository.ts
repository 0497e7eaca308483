import { within, type Collection, type Db, type Transaction } from '@parley/backend-common';
import { SECOND } from '@parley/common';
import type { PartnerEvent, Status, StatusName } from '@parley/common/contract';

/** An event about a user that is stored until it is sent. */
export interface StoredEvent {
  /** The user who receives it as a partner event. `null`: only the user's own devices are notified of the status. */
  readonly recipientId: string | null;
  readonly event: PartnerEvent;
}

/** A user as stored: the status, the partner, and the events that may not have been sent yet. */
interface StatusDocument {
  _id: string;
  status: StatusName;
  /** When the status expires. */
  endsAt?: Date;
  /** Revision of the user: rises with each change of the status, each link, and each end of a link. */
  timestamp: number;
  /** Copies of the partnership, changed in the same transaction. */
  partnerId?: string | null;
  linkedAt?: number | null;
  /** Changed only to make concurrent transactions on the same user conflict. */
  touched?: number;
  /** Events that may not have been sent yet, oldest first. */
  news?: StoredEvent[];
  /** The claim under which they are being sent. */
  teller?: string;
  /** When the claim expires, so that any node may send them. */
  tellAt?: Date;
}

/** The status and the partner of a user. */
export interface UserStatus extends Status {
  readonly userId: string;
  readonly partnerId: string | null;
  readonly linkedAt: number | null;
}

/** A user with events to be sent, and the claim that says who sends them. */
export interface UnsentEvents extends UserStatus {
  readonly events: readonly StoredEvent[];
  readonly claim: string;
}

/** A link or its end, as stored with one of the two users. */
export interface LinkChange {
  readonly userId: string;
  readonly partnerId: string | null;
  readonly linkedAt: number | null;
  readonly timestamp: number;
  readonly event: PartnerEvent;
  readonly claim: string;
}

/** The current time as an expression of MongoDB, or a fixed time in tests. */
export type DatabaseTime = () => Date | '$$NOW';

/** Events that are not sent within this time may be claimed by any node. */
const SEND_WITHIN = 30 * SECOND;
const WITHOUT_EVENTS = { news: 0, teller: 0, tellAt: 0 } as const;
const EVENT_FIELDS = { news: '', teller: '', tellAt: '' } as const;

/** Reads and writes `statuses`. Every change adds an event that stays until it has been sent. */
export class StatusRepository {
  readonly #statuses: Collection<StatusDocument>;
  readonly #time: DatabaseTime;

  /** @param time - decides when statuses and claims expire */
  constructor(db: Db, time: DatabaseTime = () => '$$NOW') {
    this.#statuses = db.collection<StatusDocument>('statuses');
    this.#time = time;
  }

  /** The status of a user; `null` if none was ever set and the user was never linked. Index `_id_`. */
  async find(userId: string, transaction?: Transaction): Promise<UserStatus | null> {
    const found = await this.#statuses.findOne(
      { _id: userId },
      { projection: WITHOUT_EVENTS, ...within(transaction) },
    );
    return found === null ? null : toUserStatus(found);
  }

  /** Sets the status of a user, and adds the event, to be sent under `claim`. Index `_id_`. */
  async set(
    userId: string,
    { status, statusExpiration }: Omit<Status, 'timestamp'>,
    claim: string,
  ): Promise<UnsentEvents> {
    const endsAt = statusExpiration === null ? '$$REMOVE' : new Date(statusExpiration);
    const changed = await this.#statuses.findOneAndUpdate(
      { _id: userId },
      this.#change({ status, statusExpiration }, { claim, endsAt }),
      { upsert: true, returnDocument: 'after' },
    );
    if (changed === null) throw new Error('The status was not stored');
    return toUnsentEvents(changed);
  }

  /** Users whose status has expired, the longest expired first; index `due`. */
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

  /** Resets those of the statuses that have expired and that no other node has reset. Index `_id_`. */
  async expire(userIds: readonly string[], claim: string): Promise<UnsentEvents[]> {
    const _id = { $in: [...userIds] };
    const ended = { status: 'AVAILABLE', statusExpiration: null } as const;
    await this.#statuses.updateMany(
      { _id, endsAt: { $exists: true }, $expr: { $lte: ['$endsAt', this.#time()] } },
      this.#change(ended, { claim, endsAt: '$$REMOVE' }),
    );
    return this.#claimedBy(claim, userIds);
  }

  /** Stores a link or its end with one of the two users, within the transaction of the partnership. Index `_id_`. */
  async setPartner(change: LinkChange, transaction: Transaction): Promise<UnsentEvents> {
    const { claim, event, linkedAt, partnerId, timestamp, userId } = change;
    const added: StoredEvent = { recipientId: userId, event };
    const news = { $concatArrays: [{ $ifNull: ['$news', []] }, [{ $literal: added }]] };
    const status = { $ifNull: ['$status', 'AVAILABLE'] };
    const changed = await this.#statuses.findOneAndUpdate(
      { _id: userId },
      [{ $set: { status, partnerId, linkedAt, timestamp, news, ...this.#claimFields(claim) } }],
      { upsert: true, returnDocument: 'after', session: transaction },
    );
    if (changed === null) throw new Error('The link was not stored');
    return toUnsentEvents(changed);
  }

  /** Makes concurrent transactions on the same users conflict, so that one of them is retried. Index `_id_`. */
  async lock(userIds: readonly string[], transaction: Transaction): Promise<void> {
    for (const userId of userIds) {
      await this.#statuses.updateOne(
        { _id: userId },
        { $inc: { touched: 1 }, $setOnInsert: { status: 'AVAILABLE', timestamp: 0 } },
        { upsert: true, session: transaction },
      );
    }
  }

  /** The partner of a user, or `null`. Index `_id_`. */
  async partnerOf(userId: string): Promise<string | null> {
    const found = await this.#statuses.findOne({ _id: userId }, { projection: { partnerId: 1 } });
    return found?.partnerId ?? null;
  }

  /** Removes the events that were sent. Users with newer events have a newer claim and are left unchanged. Index `_id_`. */
  async markSent(userIds: readonly string[], claim: string): Promise<void> {
    await this.#statuses.updateMany(
      { _id: { $in: [...userIds] }, teller: claim },
      { $unset: EVENT_FIELDS },
    );
  }

  /** Claims events whose claim has expired; indexes `untold` and `_id_`. */
  async claimUnsent(claim: string, limit: number): Promise<UnsentEvents[]> {
    const hasExpired = { $expr: { $lte: ['$tellAt', this.#time()] }, tellAt: { $exists: true } };
    const found = await this.#statuses
      .find(hasExpired)
      .hint('untold')
      .sort({ tellAt: 1 })
      .limit(limit)
      .project<{ _id: string }>({ _id: 1 })
      .toArray();
    if (found.length === 0) return [];
    const userIds = found.map(({ _id }) => _id);
    await this.#statuses.updateMany({ _id: { $in: userIds }, ...hasExpired }, [
      { $set: this.#claimFields(claim) },
    ]);
    return this.#claimedBy(claim, userIds);
  }

  async #claimedBy(claim: string, userIds: readonly string[]): Promise<UnsentEvents[]> {
    const found = await this.#statuses
      .find({ _id: { $in: [...userIds] }, teller: claim })
      .toArray();
    return found.map(toUnsentEvents);
  }

  /** The update steps of a status change: a higher timestamp, and the event. */
  #change(
    { status, statusExpiration }: Omit<Status, 'timestamp'>,
    { claim, endsAt }: { readonly claim: string; readonly endsAt: Date | '$$REMOVE' },
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
    const added = [{ recipientId: { $ifNull: ['$partnerId', null] }, event }];
    return [
      { $set: { status, endsAt, timestamp, ...this.#claimFields(claim) } },
      { $set: { news: { $concatArrays: [{ $ifNull: ['$news', []] }, added] } } },
    ];
  }

  #claimFields(claim: string) {
    return { teller: claim, tellAt: { $add: [this.#time(), SEND_WITHIN] } };
  }
}

function toUserStatus(document: StatusDocument): UserStatus {
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

function toUnsentEvents(document: StatusDocument): UnsentEvents {
  const { news: events = [], teller: claim = '' } = document;
  return { ...toUserStatus(document), events, claim };
}
