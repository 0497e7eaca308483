import type { MemberRole, Settings } from '@parley/common/contract';

/** A membership as stored: a projection of the log, with the receipt marks and settings of the member. */
export interface MemberDocument {
  /** `<conversationId>:<userId>`. */
  _id: string;
  conversationId: string;
  userId: string;
  /** Whether the user is a member now. */
  present: boolean;
  role: MemberRole | null;
  joinedSeq: number;
  joinedAt: number;
  /** `seq` of the newest entry that changed this document. */
  seq: number;
  /** Every entry up to this `seq` has reached a device of the member. */
  deliveredSeq: number;
  readSeq: number;
  /** When each mark was last raised; absent if it never was. */
  deliveredAt?: number;
  readAt?: number;
  settings: Settings;
}

/** A membership after one entry of the log. */
export interface MemberChange {
  readonly conversationId: string;
  readonly userId: string;
  /** `seq` of the entry. */
  readonly seq: number;
  /** `null` if the user is no longer a member. */
  readonly member: { role: MemberRole | null; joinedSeq: number; joinedAt: number } | null;
}

/** Identifies one membership. */
export interface MemberKey {
  readonly conversationId: string;
  readonly userId: string;
}

/** The receipt marks and settings of a member. */
export type Marks = Pick<MemberDocument, 'deliveredSeq' | 'readSeq' | 'settings' | 'present'>;

/** The receipt marks of a present member, with their times. */
export type Progress = Pick<
  MemberDocument,
  'userId' | 'joinedSeq' | 'deliveredSeq' | 'readSeq' | 'deliveredAt' | 'readAt' | 'settings'
>;

/** Marks to raise. A mark that is absent does not change. */
export interface MarkChange extends MemberKey {
  readonly deliveredSeq: number;
  readonly readSeq?: number;
}

/** Marks with their times. A time is present if its mark rises. */
export interface DatedMark extends MarkChange {
  readonly deliveredAt?: number;
  readonly readAt?: number;
}

/** `_id` of a membership. */
export function memberKey(conversationId: string, userId: string): string {
  return `${conversationId}:${userId}`;
}
