import { AppError, isId } from '@parley/common';

/** The position of a conversation in the list of a member. */
export interface Place {
  readonly conversationId: string;
  readonly isPinned: boolean;
  /** Milliseconds since the epoch. */
  readonly lastAt: number;
}

/** Pinned first, then newest activity first; the id makes the order total. */
export function byPlace(one: Place, other: Place): number {
  if (one.isPinned !== other.isPinned) return one.isPinned ? -1 : 1;
  if (one.lastAt !== other.lastAt) return other.lastAt - one.lastAt;
  if (one.conversationId === other.conversationId) return 0;
  return one.conversationId < other.conversationId ? 1 : -1;
}

/** The cursor after a position. Conversations that move between two pages do not shift or repeat those that follow. */
export function encodePlace({ conversationId, isPinned, lastAt }: Place): string {
  return encodeCursor(`${isPinned ? 1 : 0}|${lastAt}|${conversationId}`);
}

/** @throws AppError `invalid_input` for an invalid cursor */
export function decodePlace(cursor: string): Place {
  const [pinned, lastAt, conversationId = ''] = decodeCursor(cursor).split('|');
  const time = Number(lastAt);
  if (!/^[01]$/.test(pinned ?? '') || !Number.isSafeInteger(time) || !isId(conversationId)) {
    throw badCursor();
  }
  return { conversationId, isPinned: pinned === '1', lastAt: time };
}

/** The cursor after a user in a list of members. */
export function encodeUserId(userId: string): string {
  return encodeCursor(userId);
}

/** @throws AppError `invalid_input` for an invalid cursor */
export function decodeUserId(cursor: string): string {
  const userId = decodeCursor(cursor);
  if (!isId(userId)) throw badCursor();
  return userId;
}

function encodeCursor(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString();
}

function badCursor(): AppError {
  const issues = [{ path: 'cursor', message: 'Must be a cursor of an earlier page' }];
  return new AppError('invalid_input', 'The cursor is not of an earlier page', { issues });
}
