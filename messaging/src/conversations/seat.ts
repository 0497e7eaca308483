import type { MemberRole } from '@parley/common/contract';

import type { ConversationDocument } from './conversation-repository.ts';
import type { MemberDocument } from './member-repository.ts';

/** A conversation from the place of one of its members, as far as `lastSeq`. */
export interface Seat {
  readonly conversation: ConversationDocument;
  /** The stored membership of who looks: marks and settings. */
  readonly own: MemberDocument;
  readonly title: string | null;
  readonly memberCount: number;
  readonly role: MemberRole | null;
  readonly joinedSeq: number;
  readonly lastSeq: number;
}
