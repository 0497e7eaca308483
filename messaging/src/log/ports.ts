import type { CommittedEntry } from './committed-entry.ts';
import type { EntryDocument } from './entry-document.ts';
import type { ConversationState } from './state.ts';

/** What the log needs to know of a conversation to begin reading it. */
export interface ConversationOrigin {
  readonly _id: string;
  readonly kind: 'direct' | 'group';
  readonly createdBy: string;
  readonly createdAt: number;
  readonly founders: readonly string[];
  readonly founderTitle: string | null;
  /** The projection of members and title holds every entry up to here. */
  readonly membersSeq: number;
}

/** Keeps `members` and `conversations` in step with the log. */
export interface Projector {
  /** Writes what committed entries make of the members and the title; called before they are acknowledged. */
  project(step: ProjectionStep): Promise<void>;
  /** Writes the projection again where a crash left it behind the log. Idempotent. Answers the entries that it lacked. */
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

/** Entries that a majority has journaled, of one conversation, ascending. */
export interface Committed {
  readonly conversationId: string;
  readonly entries: readonly CommittedEntry[];
  /** Whether this node wrote them, so that the others must be told. */
  readonly isOwn: boolean;
}

/** Told of everything that this node writes or reads as committed, before it is acknowledged. */
export type CommitListener = (committed: Committed) => void;
