import type { PartnerEvent } from '@parley/common/contract';

/** The last push to a user about one conversation. */
export interface LastPush {
  /** It was about the messages with `from ≤ seq ≤ seq`. */
  readonly from: number;
  readonly seq: number;
  readonly at: Date;
  readonly deviceIds: readonly string[];
}

/** The push to one user about one conversation, or about the partner: what is due, and what was sent last. */
export interface PushDocument {
  /** `<userId>:<conversationId>`, or `<userId>:partner`. */
  _id: string;
  userId: string;
  conversationId: string | null;
  /** The newest item to push: `seq` of a message, or `timestamp` of a partner event. Never decreases. */
  seq: number;
  event?: PartnerEvent;
  /**
   * The user had no device in the foreground when this was scheduled. Then only opening the app or reading cancels the
   * push; an acknowledgement alone does not.
   */
  isAway: boolean;
  /** When it is due; while it is leased, when the lease ends; absent: nothing is to be done. */
  dueAt?: Date;
  /** The token of the lease. */
  claim?: string;
  attempts: number;
  /** Devices that have received the push that is being sent. */
  done?: string[];
  pushed?: LastPush;
  /** The session in which it was read: the notification is to be removed from the other devices. */
  readIn?: string;
  /** `seq` of the newest deleted message that a notification may show: it is to be removed from the devices. */
  deletedSeq?: number;
  /** `seq` of the last push that was given up. */
  failedSeq?: number;
  removeAt: Date;
}

/** A push to be scheduled. */
export interface ScheduledPush {
  readonly userId: string;
  readonly conversationId: string | null;
  readonly seq: number;
  readonly isAway: boolean;
  readonly event?: PartnerEvent;
}

/** A read receipt that was acknowledged. */
export interface Read {
  readonly userId: string;
  readonly conversationId: string;
  readonly seq: number;
  readonly sessionId: string;
}

/** A message that was deleted, and the members whose devices may show it. */
export interface Deleted {
  readonly conversationId: string;
  readonly seq: number;
  readonly userIds: readonly string[];
}

/** `_id` of the push to a user about a conversation, or about the partner. */
export function keyOf(userId: string, conversationId: string | null): string {
  return `${userId}:${conversationId ?? 'partner'}`;
}
