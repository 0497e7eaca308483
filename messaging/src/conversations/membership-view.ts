import type { MemberRole } from '@parley/common/contract';

import type { ConversationDocument } from './conversation-repository.ts';
import type { MemberDocument } from './member-document.ts';

/** A conversation as one of its members sees it, up to `lastSeq`. */
export interface MembershipView {
  readonly conversation: ConversationDocument;
  /** The stored membership of that member: receipt marks and settings. */
  readonly own: MemberDocument;
  readonly title: string | null;
  readonly memberCount: number;
  readonly role: MemberRole | null;
  readonly joinedSeq: number;
  readonly lastSeq: number;
}
