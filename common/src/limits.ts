import { CLIENT_LIMITS } from './client-limits.ts';
import { DAY, HOUR, MINUTE, SECOND } from './time.ts';

/** Every limit of the contract: durations in milliseconds, sizes in bytes, texts in code points unless the name says otherwise. */
export const LIMITS = {
  ...CLIENT_LIMITS,

  jsonDepth: 16,
  jsonKeys: 1_000,

  usernameMin: 3,
  usernameMax: 32,
  displayNameMax: 64,
  deviceNameMax: 64,
  passwordMin: 8,
  passwordMax: 256,
  passwordBytes: 1_024,

  titleMax: 100,
  clientIdMax: 64,

  attachmentParts: 128,
  attachmentDuration: 7 * DAY,
  pendingUploads: 5,
  uploadUrl: HOUR,
  uploadTime: DAY,
  downloadUrl: 2 * MINUTE,

  groupMembers: 1_000,
  idsPerCall: 100,
  conversationsPerUser: 5_000,
  /** Groups of people unknown to a user in which it has not written: of all, and of one of them. */
  groupInvitations: 100,
  groupInvitationsPerPair: 10,
  /** Direct conversations that people unknown to a user have opened and in which it has not written. */
  directInvitations: 1_000,
  /** Users unknown to a user whom it may add or write to in 24 hours. */
  invitationsPerDay: 1_000,
  membersInConversation: 100,

  syncMax: 500,
  pageBytes: 256 * 1024,
  searchHits: 20,
  searchPrefixMin: 2,
  engagementDays: 366,

  socketsPerUser: 20,
  socketsPerAddress: 1_000,
  sessionsPerUser: 50,
  devicesPerUser: 10,
  pushTokenMax: 4_096,

  typingExpires: 6 * SECOND,
  presenceGrace: 10 * SECOND,
  pushAfter: 5 * SECOND,

  statusEndsMin: SECOND,
  statusEndsMax: 30 * DAY,
  linkCode: 10 * MINUTE,
  linkCodeMax: 32,
  linkGuessesPerUser: 10,
  linkGuessesPerAddress: 100,
  linkGuessesWithin: HOUR,
  blocksPerUser: 1_000,

  serviceToken: 30 * SECOND,
  /** How long the link of an administrator sets a new password. */
  passwordReset: HOUR,
  sessionIdle: 30 * DAY,
  sessionMax: 180 * DAY,
  replayPageAck: 30 * SECOND,
  shutOut: 30 * SECOND,

  outboundBufferBytes: 1024 * 1024,
  appendQueue: 10_000,
  appendQueuePerConversation: 2_000,
  appendDeadline: 15 * SECOND,
  receiptEvents: 100,
} as const;

/** A token bucket: `perSecond` refills it, `burst` is its size. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** The token buckets of a user, by rate limit class. */
export const RATE_LIMITS = {
  write: { perSecond: 10, burst: 100 },
  read: { perSecond: 50, burst: 200 },
  list: { perSecond: 1, burst: 20 },
  search: { perSecond: 1, burst: 10 },
  create: { perSecond: 1, burst: 30 },
} as const satisfies Record<string, RateLimit>;

/** A rate limit class; operations without a session have none. */
export type RateLimitClass = keyof typeof RATE_LIMITS;

/** Refused events of a session that a node answers before it cuts the connection. */
export const REFUSALS: RateLimit = { perSecond: 5, burst: 300 };

/** Users whose presence one user may ask for on a node, in all calls of `presence:watch` together. */
export const WATCHES: RateLimit = { perSecond: 200, burst: 4_000 };

/** Deliveries of `typing` events that one user may cause on a node; a notice counts for at least 10. */
export const TYPING_DELIVERIES: RateLimit = { perSecond: 100, burst: 2_000 };

/** Registrations per address and hour. */
export const REGISTRATIONS_PER_HOUR = 10;

/** Milliseconds after which every cache of sessions must know that a session was revoked. */
export const REVOCATION_WITHIN = 5 * SECOND;
