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

/**
 * Seconds for which a recorded change of a membership covers later changes of its marks. Recording one moves a key of the
 * index `changes`, which costs MongoDB more than a quarter of a receipt, and most receipts follow others.
 */
export const RECORD_COVERS = 3_600;

/** The receipt marks and settings of a member. */
export interface Marks extends Pick<
  MemberDocument,
  'deliveredSeq' | 'readSeq' | 'settings' | 'present'
> {
  /** Whether a recorded change covers a change of the marks that follows at once. */
  readonly isCovered?: boolean;
}

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
  /** Whether a recorded change covers this one, so that it is not recorded itself. */
  readonly isCovered?: boolean;
}

/** `_id` of a membership. */
export function memberKey(conversationId: string, userId: string): string {
  return `${conversationId}:${userId}`;
}
