/** The room of a conversation: the sockets of its members. */
export function conversationRoom(conversationId: string): string {
  return `c:${conversationId}`;
}

/** The conversation of a room; `undefined`: it is not the room of a conversation. */
export function conversationOf(room: string): string | undefined {
  return room.startsWith('c:') ? room.slice(2) : undefined;
}

/** The room of a user: the sockets of all devices. */
export function userRoom(userId: string): string {
  return `u:${userId}`;
}

/** Redis key: a sorted set of node ids by the time until which a user has the app in the foreground there. */
export function foregroundKey(userId: string): string {
  return `parley:foreground:${userId}`;
}

/** Redis key: a sorted set of node ids by the time until which a user is online there. */
export function presenceKey(userId: string): string {
  return `parley:presence:${userId}`;
}
