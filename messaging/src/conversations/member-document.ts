import type { MemberRole, Settings } from '@parley/common/contract';

/** A membership as stored: a projection of the log, and what the member has and wants. */
export interface MemberDocument {
  /** `<conversationId>:<userId>`. */
  _id: string;
  conversationId: string;
  userId: string;
  /** Whether the person is a member now. */
  present: boolean;
  role: MemberRole | null;
  joinedSeq: number;
  joinedAt: number;
  /** `seq` of the newest entry that changed this document. */
  seq: number;
  /** The member has everything up to here, on some device. */
  deliveredSeq: number;
  readSeq: number;
  /** When each mark was last raised; absent where it never was. */
  deliveredAt?: number;
  readAt?: number;
  settings: Settings;
}

/** What one entry of the log makes of one membership. */
export interface MemberChange {
  readonly conversationId: string;
  readonly userId: string;
  /** `seq` of the entry. */
  readonly seq: number;
  /** `null`: the person is no member any more. */
  readonly member: { role: MemberRole | null; joinedSeq: number; joinedAt: number } | null;
}

/** One membership. */
export interface MemberKey {
  readonly conversationId: string;
  readonly userId: string;
}

/** How far a member is, and what the member wants. */
export type Marks = Pick<MemberDocument, 'deliveredSeq' | 'readSeq' | 'settings' | 'present'>;

/** How far a present member is, and since when. */
export type Progress = Pick<
  MemberDocument,
  'userId' | 'joinedSeq' | 'deliveredSeq' | 'readSeq' | 'deliveredAt' | 'readAt' | 'settings'
>;

/** A mark to raise; what is not given stays. */
export interface MarkChange extends MemberKey {
  readonly deliveredSeq: number;
  readonly readSeq?: number;
}

/** A mark and when it was raised; a time is given where its mark moves. */
export interface DatedMark extends MarkChange {
  readonly deliveredAt?: number;
  readonly readAt?: number;
}

/** `_id` of a membership. */
export function memberKey(conversationId: string, userId: string): string {
  return `${conversationId}:${userId}`;
}
