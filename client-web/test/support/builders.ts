import type {
  ConversationSummary,
  MembersItem,
  MessageItem,
  TimelineSnapshot,
} from '@parley/client-common';
import type { PublicProfile, User } from '@parley/common/contract';

/** 1 May 2026, 10:00 UTC, in milliseconds since the epoch. */
export const NOON = Date.UTC(2026, 4, 1, 10);

/** An id that ends with the given number. */
export function idOf(number: number): string {
  return `0196f000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

export function person(number: number, name: string): PublicProfile {
  const username = name.toLowerCase().replace(/[^a-z0-9]+/gu, '.');
  return { id: idOf(number), username, displayName: name, avatarId: null, deleted: false };
}

export function user(number: number, name: string): User {
  return {
    ...person(number, name),
    createdAt: NOON,
    privacy: { readReceipts: true, lastSeen: true },
    notifications: { previews: true },
  };
}

/** A stored message, by default from another user. */
export function message(seq: number, change: Partial<MessageItem> = {}): MessageItem {
  return {
    kind: 'message',
    key: `m${String(seq)}`,
    seq,
    messageId: idOf(10_000 + seq),
    clientId: `c${String(seq)}`,
    senderId: idOf(2),
    own: false,
    at: NOON + seq * 1_000,
    text: `Message ${String(seq)}`,
    attachment: null,
    deleted: false,
    replyTo: null,
    delivery: null,
    ...change,
  };
}

export function membersItem(seq: number, change: Partial<MembersItem> = {}): MembersItem {
  return {
    kind: 'members',
    key: `e${String(seq)}`,
    seq,
    senderId: idOf(2),
    at: NOON + seq * 1_000,
    action: 'added',
    userIds: [],
    role: null,
    ...change,
  };
}

/** A conversation, by default a direct one with Ada. */
export function summary(
  number: number,
  change: Partial<ConversationSummary> = {},
): ConversationSummary {
  return {
    id: idOf(number),
    kind: 'direct',
    title: null,
    peer: person(2, 'Ada Lovelace'),
    presence: null,
    createdBy: idOf(1),
    createdAt: NOON,
    memberCount: 2,
    role: null,
    settings: { mutedUntil: null, archived: false, pinned: false, unread: false },
    unreadCount: 0,
    readSeq: 0,
    storedReadSeq: 0,
    lastSeq: 0,
    lastAt: NOON,
    lastMessage: null,
    typing: [],
    draft: '',
    ...change,
  };
}

export function snapshot(change: Partial<TimelineSnapshot> = {}): TimelineSnapshot {
  const items = change.items ?? [];
  const last = items.at(-1)?.seq ?? 0;
  return {
    status: 'ready',
    items,
    hasOlder: false,
    hasNewer: false,
    loadingOlder: false,
    loadingNewer: false,
    firstSeq: items[0]?.seq ?? 0,
    lastSeq: last,
    newestSeq: last,
    error: null,
    ...change,
  };
}
