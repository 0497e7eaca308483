import { AppError, createIdGenerator, LIMITS } from '@parley/common';
import type {
  ConversationItem,
  Entry,
  Head,
  Member,
  MemberRole,
  Message,
  MessageEntry,
  Presence,
  PublicProfile,
  Receipt,
  Settings,
} from '@parley/common/contract';

import { PartnerWorld } from './partner-world.ts';
import type { Desk } from './attachments.ts';

const SETTINGS: Settings = { mutedUntil: null, archived: false, pinned: false, unread: false };

export interface Seat {
  role: MemberRole | null;
  joinedSeq: number;
  deliveredSeq: number;
  readSeq: number;
  settings: Settings;
}

export interface Room {
  readonly id: string;
  readonly kind: 'direct' | 'group';
  readonly createdBy: string;
  readonly createdAt: number;
  title: string | null;
  readonly seats: Map<string, Seat>;
  readonly entries: Entry[];
}

type Draft = Pick<Entry, 'kind' | 'senderId' | 'clientId'> & Record<string, unknown>;

/** Everything a server keeps, in memory: rooms with their logs, members and marks. */
export class World {
  readonly rooms = new Map<string, Room>();
  /** People who look offline. */
  readonly hidden = new Set<string>();
  readonly partners = new PartnerWorld(this);
  /** Its files; `null`: there is no store. */
  desk: Desk | null = null;
  readonly newId: () => string;
  readonly now: () => number;
  readonly #users = new Map<string, PublicProfile>();

  constructor(now: () => number) {
    this.now = now;
    this.newId = createIdGenerator(now, (into) => crypto.getRandomValues(into));
  }

  /** A person; answers the id. */
  user(username: string): string {
    const id = this.newId();
    this.#users.set(id, { id, username, displayName: null, avatarId: null, deleted: false });
    return id;
  }

  /** Gives a person another name; answers the profile. */
  rename(userId: string, displayName: string): PublicProfile {
    const profile = { ...this.profile(userId), displayName };
    this.#users.set(userId, profile);
    return profile;
  }

  /** Everybody is there; those who are kept hidden look offline. */
  presence(userId: string): Presence {
    return { userId, online: !this.hidden.has(userId), lastSeenAt: null };
  }

  profile(userId: string): PublicProfile {
    return (
      this.#users.get(userId) ?? {
        id: userId,
        username: null,
        displayName: null,
        avatarId: null,
        deleted: true,
      }
    );
  }

  /** A conversation whose entry 1 adds its members; without a title a direct one. */
  room(userIds: readonly string[], title: string | null = null): Room {
    const [createdBy = ''] = userIds;
    const room: Room = {
      id: this.newId(),
      kind: title === null ? 'direct' : 'group',
      createdBy,
      createdAt: this.now(),
      title,
      seats: new Map(),
      entries: [],
    };
    this.rooms.set(room.id, room);
    this.change(room, { action: 'added', userIds, role: null, senderId: createdBy });
    return room;
  }

  append(room: Room, draft: Draft): Entry {
    const entry = {
      id: this.newId(),
      conversationId: room.id,
      seq: room.entries.length + 1,
      at: this.now(),
      ...draft,
    } as unknown as Entry;
    room.entries.push(entry);
    return entry;
  }

  /** Somebody says something. */
  say(room: Room, senderId: string, text: string): MessageEntry {
    return this.send(room, { senderId, text, clientId: this.newId() });
  }

  send(
    room: Room,
    draft: Pick<MessageEntry, 'senderId' | 'clientId' | 'text'> & Partial<MessageEntry>,
  ): MessageEntry {
    const rest = { kind: 'message', attachment: null, replyTo: null, deleted: false } as const;
    return this.append(room, { ...rest, ...draft }) as MessageEntry;
  }

  /** Members come, go, or change their role. */
  change(
    room: Room,
    to: {
      readonly action: 'added' | 'removed' | 'left' | 'role';
      readonly userIds: readonly string[];
      readonly role: MemberRole | null;
      readonly senderId: string;
    },
  ): Entry {
    const entry = this.append(room, { kind: 'members', clientId: this.newId(), ...to });
    for (const userId of to.userIds) {
      const seat = room.seats.get(userId);
      if (to.action === 'added') this.#seat(room, userId, entry.seq);
      else if (to.action !== 'role') room.seats.delete(userId);
      else if (seat) seat.role = to.role;
    }
    return entry;
  }

  delete(room: Room, messageId: string, senderId: string): Entry {
    const at = room.entries.findIndex((entry) => entry.id === messageId);
    const message = room.entries[at];
    if (message?.kind !== 'message') throw new AppError('not_found');
    room.entries[at] = { ...message, text: null, attachment: null, deleted: true };
    const rest = { messageId, messageSeq: message.seq };
    return this.append(room, { kind: 'deletion', senderId, clientId: this.newId(), ...rest });
  }

  /** The room as one of its members sees it. Throws `not_found` for others. */
  item(room: Room, userId: string): ConversationItem {
    const seat = this.seat(room, userId);
    const visible = room.entries.filter((entry) => entry.seq >= seat.joinedSeq);
    const messages = visible.filter((entry) => entry.kind === 'message');
    const unread = messages.filter(
      (entry) => entry.seq > seat.readSeq && entry.senderId !== userId && !entry.deleted,
    );
    const last = messages.at(-1);
    const peerId = [...room.seats.keys()].find((id) => id !== userId);
    const { id, kind, title, createdAt, createdBy } = room;
    return {
      ...{ id, kind, title, createdAt, createdBy },
      avatarId: null,
      memberCount: room.seats.size,
      lastSeq: room.entries.length,
      lastAt: room.entries.at(-1)?.at ?? createdAt,
      role: seat.role,
      joinedSeq: seat.joinedSeq,
      deliveredSeq: seat.deliveredSeq,
      readSeq: seat.readSeq,
      unreadCount: Math.min(unread.length, LIMITS.unreadCountMax),
      settings: seat.settings,
      ...(kind === 'direct' && peerId !== undefined ? { peer: this.profile(peerId) } : {}),
      lastMessage: last ? toMessage(last) : null,
      receipts: [...room.seats.keys()].map((member) => this.receipt(room, member)),
    };
  }

  members(room: Room): Member[] {
    return [...room.seats].map(([userId, { role, joinedSeq }]) => {
      return { userId, role, joinedSeq, joinedAt: 0, profile: this.profile(userId) };
    });
  }

  head(room: Room, userId: string): Head {
    const { joinedSeq, deliveredSeq, readSeq, settings } = this.seat(room, userId);
    const info = room.entries.findLast(({ kind }) => kind === 'members' || kind === 'title');
    const lastSeq = room.entries.length;
    const version = info?.seq ?? 0;
    return {
      conversationId: room.id,
      lastSeq,
      joinedSeq,
      deliveredSeq,
      readSeq,
      settings,
      version,
    };
  }

  receipt(room: Room, userId: string): Receipt {
    const { deliveredSeq, readSeq } = this.seat(room, userId);
    return { conversationId: room.id, userId, deliveredSeq, readSeq };
  }

  seat(room: Room, userId: string): Seat {
    const seat = room.seats.get(userId);
    if (seat === undefined) throw new AppError('not_found');
    return seat;
  }

  #seat(room: Room, userId: string, joinedSeq: number): void {
    const role = userId === room.createdBy ? 'owner' : 'member';
    room.seats.set(userId, {
      role: room.kind === 'group' ? role : null,
      joinedSeq,
      deliveredSeq: joinedSeq - 1,
      readSeq: joinedSeq - 1,
      settings: SETTINGS,
    });
  }
}

export function toMessage(entry: MessageEntry): Message {
  const { id, conversationId, seq, senderId, clientId, at, text, attachment, replyTo, deleted } =
    entry;
  return {
    ...{ id, conversationId, seq, senderId, clientId, at, text },
    attachment,
    replyTo: replyTo === null ? null : { ...replyTo, senderId: null, preview: null },
    editedAt: null,
    deletedAt: deleted ? at : null,
    reactions: [],
    revision: seq,
  };
}
