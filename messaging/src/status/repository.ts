import {
  LeaseQueue,
  within,
  type Collection,
  type Db,
  type LeaseTime,
  type QueueMetrics,
  type Transaction,
} from '@parley/backend-common';
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
  /** The token of the lease under which they are being sent. */
  teller?: string;
  /** When the lease ends, so that any node may send them. */
  tellAt?: Date;
}

/** The status and the partner of a user. */
export interface UserStatus extends Status {
  readonly userId: string;
  readonly partnerId: string | null;
  readonly linkedAt: number | null;
}

/** A user with events to be sent, and the token of the lease under which they are sent. */
export interface UnsentEvents extends UserStatus {
  readonly events: readonly StoredEvent[];
  readonly token: string;
}

/** A link or its end, as stored with one of the two users. */
export interface LinkChange {
  readonly userId: string;
  readonly partnerId: string | null;
  readonly linkedAt: number | null;
  readonly timestamp: number;
  readonly event: PartnerEvent;
  /** Identifies the lease under which the event is sent. */
  readonly token: string;
}

interface StatusOptions {
  /** Decides when statuses and leases end; default MongoDB's clock. */
  readonly time?: LeaseTime;
  readonly metrics?: QueueMetrics;
}

/** Events that are not sent within this time may be sent by any node. */
const SEND_WITHIN = 30 * SECOND;
const WITHOUT_EVENTS = { news: 0, teller: 0, tellAt: 0 } as const;

/** Reads and writes `statuses`. Every change adds an event that stays until it has been sent. */
export class StatusRepository {
  readonly #statuses: Collection<StatusDocument>;
  readonly #unsent: LeaseQueue<StatusDocument>;
  readonly #time: LeaseTime;

  constructor(db: Db, { time = () => '$$NOW', ...options }: StatusOptions = {}) {
    this.#statuses = db.collection<StatusDocument>('statuses');
    this.#time = time;
    this.#unsent = new LeaseQueue(this.#statuses, {
      ...{ name: 'partner_events', time, duration: SEND_WITHIN, ...options },
      fields: { due: 'tellAt', token: 'teller' },
    });
  }

  /** The status of a user; `null` if none was ever set and the user was never linked. Index `_id_`. */
  async find(userId: string, transaction?: Transaction): Promise<UserStatus | null> {
    const found = await this.#statuses.findOne(
      { _id: userId },
      { projection: WITHOUT_EVENTS, ...within(transaction) },
    );
    return found === null ? null : toUserStatus(found);
  }

  /** Sets the status of a user, and adds the event under a lease of `token`. Index `_id_`. */
  async set(
    userId: string,
    { status, statusExpiration }: Omit<Status, 'timestamp'>,
    token: string,
  ): Promise<UnsentEvents> {
    const endsAt = statusExpiration === null ? '$$REMOVE' : new Date(statusExpiration);
    const changed = await this.#statuses.findOneAndUpdate(
      { _id: userId },
      this.#change({ status, statusExpiration }, { token, endsAt }),
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
  async expire(userIds: readonly string[], token: string): Promise<UnsentEvents[]> {
    const _id = { $in: [...userIds] };
    const ended = { status: 'AVAILABLE', statusExpiration: null } as const;
    await this.#statuses.updateMany(
      { _id, endsAt: { $exists: true }, $expr: { $lte: ['$endsAt', this.#time()] } },
      this.#change(ended, { token, endsAt: '$$REMOVE' }),
    );
    const found = await this.#statuses.find({ _id, teller: token }).toArray();
    return found.map(toUnsentEvents);
  }

  /** Stores a link or its end with one of the two users, within the transaction of the partnership. Index `_id_`. */
  async setPartner(change: LinkChange, transaction: Transaction): Promise<UnsentEvents> {
    const { event, linkedAt, partnerId, timestamp, token, userId } = change;
    const added: StoredEvent = { recipientId: userId, event };
    const news = { $concatArrays: [{ $ifNull: ['$news', []] }, [{ $literal: added }]] };
    const status = { $ifNull: ['$status', 'AVAILABLE'] };
    const lease = this.#unsent.leaseFields(token);
    const changed = await this.#statuses.findOneAndUpdate(
      { _id: userId },
      [{ $set: { status, partnerId, linkedAt, timestamp, news, ...lease } }],
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

  /** Removes events that were sent. Users with newer events have a newer lease and stay unchanged. Index `_id_`. */
  async markSent(users: readonly Pick<UnsentEvents, 'userId' | 'token'>[]): Promise<void> {
    const leases = users.map(({ token, userId: id }) => ({ id, token }));
    await this.#unsent.finishAll(leases, { news: '$$REMOVE' });
  }

  /** Leases events whose lease has ended, the oldest first; indexes `untold` and `_id_`. */
  async claimUnsent(limit: number): Promise<UnsentEvents[]> {
    const claimed = await this.#unsent.claim(limit);
    return claimed.map(({ document }) => toUnsentEvents(document));
  }

  /** The update steps of a status change: a higher timestamp, and the event. */
  #change(
    { status, statusExpiration }: Omit<Status, 'timestamp'>,
    { endsAt, token }: { readonly endsAt: Date | '$$REMOVE'; readonly token: string },
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
      { $set: { status, endsAt, timestamp, ...this.#unsent.leaseFields(token) } },
      { $set: { news: { $concatArrays: [{ $ifNull: ['$news', []] }, added] } } },
    ];
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
  const { news: events = [], teller: token = '' } = document;
  return { ...toUserStatus(document), events, token };
}
