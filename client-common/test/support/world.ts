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

import { Comparisons } from './comparisons.ts';
import { PartnerWorld } from './partner-world.ts';
import type { FakeAttachments } from './attachments.ts';

const SETTINGS: Settings = { mutedUntil: null, archived: false, pinned: false, unread: false };

export interface Membership {
  role: MemberRole | null;
  joinedSeq: number;
  deliveredSeq: number;
  readSeq: number;
  settings: Settings;
}

export interface Conversation {
  readonly id: string;
  readonly kind: 'direct' | 'group';
  readonly createdBy: string;
  readonly createdAt: number;
  title: string | null;
  readonly memberships: Map<string, Membership>;
  readonly entries: Entry[];
}

type Draft = Pick<Entry, 'kind' | 'senderId' | 'clientId'> & Record<string, unknown>;

/** The state of the fake server, in memory: users, and conversations with their logs, members and marks. */
export class World {
  readonly conversations = new Map<string, Conversation>();
  /** Users who look offline. */
  readonly hidden = new Set<string>();
  readonly partners = new PartnerWorld(this);
  /** Absent: a server that cannot tell what has changed since a comparison. */
  comparisons: Comparisons | undefined = new Comparisons();
  /** Its attachments; `null`: there is no object store. */
  attachments: FakeAttachments | null = null;
  readonly newId: () => string;
  readonly now: () => number;
  readonly #users = new Map<string, PublicProfile>();

  constructor(now: () => number) {
    this.now = now;
    this.newId = createIdGenerator(now, (into) => crypto.getRandomValues(into));
  }

  /** Creates a user and returns the id. */
  user(username: string): string {
    const id = this.newId();
    this.#users.set(id, { id, username, displayName: null, avatarId: null, deleted: false });
    return id;
  }

  /** Changes the display name of a user and returns the profile. */
  rename(userId: string, displayName: string): PublicProfile {
    const profile = { ...this.profile(userId), displayName };
    this.#users.set(userId, profile);
    return profile;
  }

  /** All users are online, but hidden users look offline. */
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

  /** Creates a conversation whose entry 1 adds its members: a direct one if it has no title. */
  conversation(userIds: readonly string[], title: string | null = null): Conversation {
    const [createdBy = ''] = userIds;
    const conversation: Conversation = {
      id: this.newId(),
      kind: title === null ? 'direct' : 'group',
      createdBy,
      createdAt: this.now(),
      title,
      memberships: new Map(),
      entries: [],
    };
    this.conversations.set(conversation.id, conversation);
    this.change(conversation, { action: 'added', userIds, role: null, senderId: createdBy });
    return conversation;
  }

  append(conversation: Conversation, draft: Draft): Entry {
    const entry = {
      id: this.newId(),
      conversationId: conversation.id,
      seq: conversation.entries.length + 1,
      at: this.now(),
      ...draft,
    } as unknown as Entry;
    conversation.entries.push(entry);
    return entry;
  }

  /** Appends a text message. */
  say(conversation: Conversation, senderId: string, text: string): MessageEntry {
    return this.send(conversation, { senderId, text, clientId: this.newId() });
  }

  send(
    conversation: Conversation,
    draft: Pick<MessageEntry, 'senderId' | 'clientId' | 'text'> & Partial<MessageEntry>,
  ): MessageEntry {
    const rest = { kind: 'message', attachment: null, replyTo: null, deleted: false } as const;
    return this.append(conversation, { ...rest, ...draft }) as MessageEntry;
  }

  /** Appends a change of members or of a role. */
  change(
    conversation: Conversation,
    to: {
      readonly action: 'added' | 'removed' | 'left' | 'role';
      readonly userIds: readonly string[];
      readonly role: MemberRole | null;
      readonly senderId: string;
    },
  ): Entry {
    const entry = this.append(conversation, { kind: 'members', clientId: this.newId(), ...to });
    for (const userId of to.userIds) {
      const membership = conversation.memberships.get(userId);
      if (to.action === 'added') this.#join(conversation, userId, entry.seq);
      else if (to.action !== 'role') conversation.memberships.delete(userId);
      else if (membership) membership.role = to.role;
    }
    return entry;
  }

  delete(conversation: Conversation, messageId: string, senderId: string): Entry {
    const at = conversation.entries.findIndex((entry) => entry.id === messageId);
    const message = conversation.entries[at];
    if (message?.kind !== 'message') throw new AppError('not_found');
    conversation.entries[at] = { ...message, text: null, attachment: null, deleted: true };
    const rest = { messageId, messageSeq: message.seq };
    return this.append(conversation, {
      kind: 'deletion',
      senderId,
      clientId: this.newId(),
      ...rest,
    });
  }

  /** The conversation as one of its members sees it. @throws AppError `not_found` for others */
  item(conversation: Conversation, userId: string): ConversationItem {
    const membership = this.membership(conversation, userId);
    const visible = conversation.entries.filter((entry) => entry.seq >= membership.joinedSeq);
    const messages = visible.filter((entry) => entry.kind === 'message');
    const unread = messages.filter(
      (entry) => entry.seq > membership.readSeq && entry.senderId !== userId && !entry.deleted,
    );
    const last = messages.at(-1);
    const peerId = [...conversation.memberships.keys()].find((id) => id !== userId);
    const { id, kind, title, createdAt, createdBy } = conversation;
    return {
      ...{ id, kind, title, createdAt, createdBy },
      avatarId: null,
      memberCount: conversation.memberships.size,
      lastSeq: conversation.entries.length,
      lastAt: conversation.entries.at(-1)?.at ?? createdAt,
      role: membership.role,
      joinedSeq: membership.joinedSeq,
      deliveredSeq: membership.deliveredSeq,
      readSeq: membership.readSeq,
      unreadCount: Math.min(unread.length, LIMITS.unreadCountMax),
      settings: membership.settings,
      ...(kind === 'direct' && peerId !== undefined ? { peer: this.profile(peerId) } : {}),
      lastMessage: last ? toMessage(last) : null,
      receipts: [...conversation.memberships.keys()].map((member) =>
        this.receipt(conversation, member),
      ),
    };
  }

  members(conversation: Conversation): Member[] {
    return [...conversation.memberships].map(([userId, { role, joinedSeq }]) => {
      return { userId, role, joinedSeq, joinedAt: 0, profile: this.profile(userId) };
    });
  }

  head(conversation: Conversation, userId: string): Head {
    const { joinedSeq, deliveredSeq, readSeq, settings } = this.membership(conversation, userId);
    const info = conversation.entries.findLast(
      ({ kind }) => kind === 'members' || kind === 'title',
    );
    const lastSeq = conversation.entries.length;
    const version = info?.seq ?? 0;
    return {
      conversationId: conversation.id,
      lastSeq,
      joinedSeq,
      deliveredSeq,
      readSeq,
      settings,
      version,
    };
  }

  receipt(conversation: Conversation, userId: string): Receipt {
    const { deliveredSeq, readSeq } = this.membership(conversation, userId);
    return { conversationId: conversation.id, userId, deliveredSeq, readSeq };
  }

  membership(conversation: Conversation, userId: string): Membership {
    const membership = conversation.memberships.get(userId);
    if (membership === undefined) throw new AppError('not_found');
    return membership;
  }

  #join(conversation: Conversation, userId: string, joinedSeq: number): void {
    const role = userId === conversation.createdBy ? 'owner' : 'member';
    conversation.memberships.set(userId, {
      role: conversation.kind === 'group' ? role : null,
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
