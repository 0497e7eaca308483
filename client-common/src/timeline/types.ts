import type { ErrorCode } from '@parley/common';
import type { MemberRole } from '@parley/common/contract';

import type { AttachmentItem } from '../attachments/types.ts';
import type { Delivery } from '../outbox/types.ts';

/** What a message replies to, as far as it is known here. */
export interface ReplyPreview {
  readonly messageId: string;
  readonly seq: number;
  /** `null` until it is known, or when it is from before this user joined. */
  readonly senderId: string | null;
  /** `null` until it is known, for a file alone, when it was deleted, or when it is from before this user joined. */
  readonly text: string | null;
  readonly attachment: AttachmentItem | null;
  readonly deleted: boolean;
}

interface ItemBase {
  /** The same for one item for ever, also when a pending message is stored: a React key. */
  readonly key: string;
  readonly senderId: string;
  /** Milliseconds since the epoch by the server's clock; of a pending message the best guess. */
  readonly at: number;
}

/** A message in a timeline. */
export interface MessageItem extends ItemBase {
  readonly kind: 'message';
  /** `null` while pending. */
  readonly seq: number | null;
  /** `null` while pending. */
  readonly messageId: string | null;
  readonly clientId: string;
  readonly own: boolean;
  /** `null` when deleted, and for a file alone. */
  readonly text: string | null;
  /** `null` when deleted. */
  readonly attachment: AttachmentItem | null;
  readonly deleted: boolean;
  readonly replyTo: ReplyPreview | null;
  readonly delivery: Delivery | null;
}

/** Members were added, left, or changed their role. */
export interface MembersItem extends ItemBase {
  readonly kind: 'members';
  readonly seq: number;
  readonly action: 'added' | 'removed' | 'left' | 'role';
  readonly userIds: readonly string[];
  readonly role: MemberRole | null;
}

/** The title was changed. */
export interface TitleItem extends ItemBase {
  readonly kind: 'title';
  readonly seq: number;
  readonly title: string;
}

/** One row of a timeline, ascending in time. Deletions are folded into their message. */
export type TimelineItem = MessageItem | MembersItem | TitleItem;

/**
 * The part of a conversation that is in memory: a run without gaps, in `seq` order, then the
 * messages that are still on their way (these only when the run reaches the newest entry).
 */
export interface TimelineSnapshot {
  /**
   * `idle`: nothing asked for yet · `loading`: the first page is requested · `ready`: `items` is
   * what there is · `failed`: the first page could not be loaded (`error`); `reload()` tries again.
   */
  readonly status: 'idle' | 'loading' | 'ready' | 'failed';
  readonly items: readonly TimelineItem[];
  /** Whether older entries exist before the first item: `loadOlder()`. */
  readonly hasOlder: boolean;
  /** Whether newer entries exist that are not in memory: `loadNewer()`, `jumpToNewest()`. */
  readonly hasNewer: boolean;
  readonly loadingOlder: boolean;
  readonly loadingNewer: boolean;
  /** First and last `seq` in memory, 0 when there is none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Newest `seq` of the conversation that is known; above `lastSeq` while entries are being fetched, and where `hasNewer`. */
  readonly newestSeq: number;
  /** Why the last load failed; `null` after one that did not. */
  readonly error: ErrorCode | null;
}
