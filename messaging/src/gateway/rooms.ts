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

/** Sockets of one log-in. */
export function sessionRoom(sessionId: string): string {
  return `s:${sessionId}`;
}

/** Sockets that watch the presence of a person. */
export function presenceRoom(userId: string): string {
  return `p:${userId}`;
}
