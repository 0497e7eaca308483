/** Messages of others that a user has not read: those with `after < seq`, and `seq ≤ upTo` if `upTo` is given. */
export interface UnreadRange {
  readonly userId: string;
  readonly after: number;
  readonly upTo?: number;
}

/** Matches the messages of other members in a range that are not deleted; for index `seq`. */
export function unreadFilter(conversationId: string, { after, upTo, userId }: UnreadRange) {
  return {
    conversationId,
    seq: upTo === undefined ? { $gt: after } : { $gt: after, $lte: upTo },
    ...messagesOfOthers(userId),
  };
}

/** Matches the messages of users other than `userId` that are not deleted. */
export function messagesOfOthers(userId: string) {
  return { kind: 'message', senderId: { $ne: userId }, deletedSeq: { $exists: false } } as const;
}
