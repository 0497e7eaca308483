import type { CommittedEntry } from './committed-entry.ts';
import type { EntryDocument } from './entry-document.ts';
import type { ConversationState } from './state.ts';

/** What the log needs of a conversation to read it from the beginning. */
export interface ConversationOrigin {
  readonly _id: string;
  readonly kind: 'direct' | 'group';
  readonly createdBy: string;
  readonly createdAt: number;
  readonly founders: readonly string[];
  readonly founderTitle: string | null;
  /** The projection of members and title contains every entry up to this `seq`. */
  readonly membersSeq: number;
}

/** Keeps the documents in `members` and `conversations` up to date with the log. */
export interface Projector {
  /** Applies committed entries to the members and the title; called before the entries are acknowledged. */
  project(step: ProjectionStep): Promise<void>;
  /** Repairs a projection that a crash left behind the log. Idempotent. Returns the entries that it lacked. */
  heal(
    conversation: Pick<ConversationOrigin, '_id' | 'membersSeq'>,
    state: ConversationState,
  ): Promise<readonly EntryDocument[]>;
}

/** Entries of one conversation with the states before and after them. */
export interface ProjectionStep {
  readonly before: ConversationState;
  readonly after: ConversationState;
  readonly documents: readonly EntryDocument[];
}

/** Entries of one conversation that a majority has journaled, in ascending order. */
export interface Committed {
  readonly conversationId: string;
  readonly entries: readonly CommittedEntry[];
  /** Whether this node wrote them, and must publish them to the other nodes. */
  readonly isOwn: boolean;
}

/** Called with all entries that this node writes or reads as committed, before they are acknowledged. */
export type CommitListener = (committed: Committed) => void;
