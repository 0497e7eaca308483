import type { Entry, MemberRole } from '@parley/common/contract';

import { attachmentOf, type AttachmentContent } from './attachment-content.ts';

interface EntryBase {
  /** UUIDv7, created when the entry is accepted and kept over all attempts. */
  readonly _id: string;
  readonly conversationId: string;
  readonly seq: number;
  readonly senderId: string;
  readonly clientId: string;
  readonly at: number;
}

export interface MessageDocument extends EntryBase {
  readonly kind: 'message';
  readonly text: string | null;
  /** Absent if the message was sent without one, `null` after it was deleted. */
  readonly attachment?: AttachmentContent | null;
  readonly replyTo: { readonly messageId: string; readonly seq: number } | null;
  /** `seq` of the entry that deleted it; absent if it is not deleted. */
  readonly deletedSeq?: number;
  /** When it was deleted; present together with `deletedSeq`. */
  readonly deletedAt?: number;
}

export interface DeletionDocument extends EntryBase {
  readonly kind: 'deletion';
  readonly messageId: string;
  readonly messageSeq: number;
}

export interface MembersDocument extends EntryBase {
  readonly kind: 'members';
  readonly action: 'added' | 'removed' | 'left' | 'role';
  readonly userIds: readonly string[];
  readonly role: MemberRole | null;
}

export interface TitleDocument extends EntryBase {
  readonly kind: 'title';
  readonly title: string;
}

/** An entry as it is stored. */
export type EntryDocument = MessageDocument | DeletionDocument | MembersDocument | TitleDocument;

/** An entry that is not written yet. Its `seq` is the one it is proposed with, and 0 before the first proposal. */
export type EntryDraft = Placeable<EntryDocument>;
type Placeable<Document> = Document extends EntryBase
  ? Omit<Document, 'seq'> & { seq: number }
  : never;

/** What the author of an entry provides; the log adds id, time and `seq`. */
export type EntryContent =
  | Pick<MessageDocument, 'kind' | 'text' | 'attachment' | 'replyTo'>
  | Pick<DeletionDocument, 'kind' | 'messageId' | 'messageSeq'>
  | Pick<MembersDocument, 'kind' | 'action' | 'userIds' | 'role'>
  | Pick<TitleDocument, 'kind' | 'title'>;

/**
 * The kinds of entries in the partial indexes of `entries`. `membership`: who belongs to a conversation and what it is
 * called. `ops`: changes of an earlier message. `avatar`, `edit` and `reaction` are reserved; no entry has them yet.
 * The database has these lists in its indexes, so changing one needs a migration.
 */
const INDEXED_KINDS = {
  membership: ['members', 'title', 'avatar'],
  ops: ['edit', 'deletion', 'reaction'],
} as const;

/**
 * The condition on `kind` of a partial index, and of every query that uses it. A query must repeat the whole list: with
 * a part of it, MongoDB does not recognize that the index covers the query, and a hint makes it scan the whole index.
 */
export function kindsIn(index: keyof typeof INDEXED_KINDS): { $in: EntryDocument['kind'][] } {
  return { $in: [...INDEXED_KINDS[index]] as EntryDocument['kind'][] };
}

/** Whether an entry changes who belongs to a conversation or what it is called. */
export function isMembership(entry: EntryDocument): entry is MembersDocument | TitleDocument {
  return entry.kind === 'members' || entry.kind === 'title';
}

/** An entry as clients see it. */
export function toEntry(document: EntryDocument): Entry {
  const { _id: id, conversationId, seq, senderId, clientId, at } = document;
  switch (document.kind) {
    case 'message': {
      const { kind, replyTo, text, deletedSeq } = document;
      const deleted = deletedSeq !== undefined;
      const shown = deleted ? null : text;
      return {
        id,
        conversationId,
        seq,
        senderId,
        clientId,
        at,
        kind,
        text: shown,
        attachment: attachmentOf(document),
        replyTo,
        deleted,
      };
    }
    case 'deletion': {
      const { kind, messageId, messageSeq } = document;
      return { id, conversationId, seq, senderId, clientId, at, kind, messageId, messageSeq };
    }
    case 'members': {
      const { kind, action, userIds, role } = document;
      return {
        id,
        conversationId,
        seq,
        senderId,
        clientId,
        at,
        kind,
        action,
        userIds: [...userIds],
        role,
      };
    }
    case 'title': {
      const { kind, title } = document;
      return { id, conversationId, seq, senderId, clientId, at, kind, title };
    }
    default:
      return document satisfies never;
  }
}
