import type {
  ConversationKind,
  Entry,
  Member,
  MemberRole,
  Presence,
  PublicProfile,
  Receipt,
  Settings,
} from '@parley/common/contract';

import type { AttachmentItem } from '../attachments/types.ts';
import type { Readable } from '../core/readable.ts';
import type { Delivery } from '../outbox/types.ts';
import type { TimelineSnapshot } from '../timeline/types.ts';

/** The last message of a conversation, for the list. Pending messages of this device count. */
export interface LastMessage {
  /** `null` while pending. */
  readonly seq: number | null;
  readonly senderId: string;
  readonly own: boolean;
  readonly at: number;
  /** `null` when deleted, and for a file alone. */
  readonly text: string | null;
  /** `null` when deleted. */
  readonly attachment: AttachmentItem | null;
  readonly deleted: boolean;
  /** Own messages only. */
  readonly delivery: Delivery | null;
}

/** One row of the conversation list; also the head of an open conversation. */
export interface ConversationSummary {
  readonly id: string;
  readonly kind: ConversationKind;
  /** Title of a group; `null` in a direct conversation, which is named after its `peer`. */
  readonly title: string | null;
  /** The other person of a direct conversation, else `null`. */
  readonly peer: PublicProfile | null;
  /** Presence of the peer as far as it is known; see `client.presence`. */
  readonly presence: Presence | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly memberCount: number;
  /** Own role in a group, `null` in a direct conversation. */
  readonly role: MemberRole | null;
  readonly settings: Settings;
  /** Messages of others after `readSeq`, counted to 100. 0 may still carry `settings.unread`. */
  readonly unreadCount: number;
  /** How far this user has read, on any device. */
  readonly readSeq: number;
  /**
   * How far this user has read as far as the server has told. Until a connection is synced (`client.connection`), this
   * is what was read on other devices and on former connections, but not what is read here meanwhile.
   */
  readonly storedReadSeq: number;
  readonly lastSeq: number;
  /** When something last happened, by the server's clock. The list is sorted by it, pinned first. */
  readonly lastAt: number;
  readonly lastMessage: LastMessage | null;
  /** The other users who are typing now. */
  readonly typing: readonly string[];
  /** Unsent text of this device, '' when there is none. */
  readonly draft: string;
}

/** The conversations of this user. */
export interface ConversationList {
  /** `loading` until the cache or the first comparison with the server has answered. */
  readonly status: 'loading' | 'ready';
  /** Pinned first, then newest activity first. Archived ones are included. */
  readonly conversations: readonly ConversationSummary[];
  /** Conversations with something unread that are neither muted nor archived: for a badge. */
  readonly unread: number;
}

/** The members of a conversation as far as they are loaded. */
export interface MemberList {
  readonly members: readonly Member[];
  /** Whether these are all; otherwise `loadMembers()`. */
  readonly complete: boolean;
}

/** An entry that arrived live, for sounds and notifications. */
export interface LiveEntry {
  readonly entry: Entry;
  /** Whether this user sent it, on any device. */
  readonly own: boolean;
}

/** What `send` takes besides the text. */
export interface SendOptions {
  /** Id of the message replied to. */
  readonly replyTo?: string;
}

/**
 * One conversation. Handles are cheap and the same object for the same id; a handle of an unknown
 * or removed conversation has empty snapshots. Actions reject with an `AppError` whose `code`
 * says why; they wait some seconds for a connection and then reject with `unavailable`.
 */
export interface ConversationHandle {
  readonly id: string;
  /** `null` while unknown, and again after this user was removed. */
  readonly info: Readable<ConversationSummary | null>;
  /** Subscribing loads the newest page and keeps it live. */
  readonly timeline: Readable<TimelineSnapshot>;
  /** Subscribing loads the first 100 and keeps them live. */
  readonly members: Readable<MemberList>;
  /** Marks of the others, by user id; empty in groups of more than 50. */
  readonly receipts: Readable<ReadonlyMap<string, Receipt>>;
  readonly typing: Readable<readonly string[]>;
  readonly draft: Readable<string>;

  /** Keeps a draft on this device. */
  readonly setDraft: (text: string) => void;
  /** Notifies the others; call it at each key press, it is sent at most every 2 s. */
  readonly setTyping: (typing: boolean) => void;

  /**
   * Puts a message into the outbox and the timeline at once and returns its `clientId`. Clears the
   * draft. Throws `invalid_input` when the text is blank, too long or has refused characters.
   */
  readonly send: (text: string, options?: SendOptions) => string;
  /** Tries a failed message again, after those that wait already. */
  readonly retry: (clientId: string) => void;
  /** Removes a message that was not sent yet or has failed. `false`: too late. */
  readonly discard: (clientId: string) => boolean;

  /** Loads a page before the first item. Resolves when it is there, or at once if there is none. */
  readonly loadOlder: () => Promise<void>;
  /** Loads a page after the last item where `hasNewer`. */
  readonly loadNewer: () => Promise<void>;
  /** Puts the newest page in memory. */
  readonly jumpToNewest: () => Promise<void>;
  /** Puts the page around a `seq` in memory: the target of a reply. `not_found` before the own join. */
  readonly jumpTo: (seq: number) => Promise<void>;
  /** Loads the first page again after `status: 'failed'`. */
  readonly reload: () => Promise<void>;
  /** Which `seq`s are on the screen. What is far from them is dropped first when memory is bounded. */
  readonly setView: (firstSeq: number, lastSeq: number) => void;

  /** This user has read up to `seq` (default: the newest in memory). Also clears "unread". */
  readonly markRead: (seq?: number) => void;

  readonly deleteMessage: (messageId: string) => Promise<void>;
  readonly updateTitle: (title: string) => Promise<void>;
  readonly addMembers: (userIds: readonly string[]) => Promise<void>;
  readonly removeMember: (userId: string) => Promise<void>;
  readonly setRole: (userId: string, role: MemberRole) => Promise<void>;
  readonly leave: () => Promise<void>;
  /** Loads all members of a large group. */
  readonly loadMembers: () => Promise<void>;
  /** Shown at once, taken back if refused. `mutedUntil`: by the server's clock, see `client.now()`. */
  readonly setSettings: (settings: Partial<Settings>) => Promise<void>;
}
