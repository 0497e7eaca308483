/** Sockets that are told what happens in a conversation. */
export function conversationRoom(conversationId: string): string {
  return `c:${conversationId}`;
}

/** The conversation whose room it is; `undefined` for rooms of other kinds. */
export function conversationOf(room: string): string | undefined {
  return room.startsWith('c:') ? room.slice(2) : undefined;
}

/** Sockets of a person, on every device. */
export function userRoom(userId: string): string {
  return `u:${userId}`;
}

/** Redis: until when each node says that a person looks at the app; a sorted set of node ids by time. */
export function foregroundKey(userId: string): string {
  return `parley:foreground:${userId}`;
}

/** Redis: until when each node counts a person as there; a sorted set of node ids by time. */
export function presenceKey(userId: string): string {
  return `parley:presence:${userId}`;
}
