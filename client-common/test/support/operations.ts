import { AppError } from '@parley/common';
import type { Entry, OperationName } from '@parley/common/contract';

import { blockOperations, deviceOperations, partnerOperations } from './partner-operations.ts';
import { attachmentOperations, readyFile } from './attachments.ts';
import { type Conversation, toMessage, type World } from './world.ts';

/** What an operation does to the world, and what others are events. */
export interface Done {
  readonly data: unknown;
  /** Events for the sockets of people: all but the asking socket where `others` is set. */
  readonly events?: readonly SentEvent[];
}

export interface SentEvent {
  readonly userIds: readonly string[];
  readonly event: string;
  readonly payload: unknown;
  readonly others?: true;
}

/** Input of any operation; what is read of it depends on which. */
type Input = Readonly<Record<string, never>>;
export type Operation = (world: World, input: Input, userId: string) => Done;

const everybody = (conversation: Conversation) => [...conversation.memberships.keys()];

function page<T extends { readonly seq: number }>(all: readonly T[], input: Input) {
  const {
    before,
    after,
    limit = 50,
  } = input as { before?: number; after?: number; limit?: number };
  if (after !== undefined) {
    const rows = all.filter(({ seq }) => seq > after);
    return { rows: rows.slice(0, limit), hasMore: rows.length > limit };
  }
  const rows = all.filter(({ seq }) => before === undefined || seq < before);
  return { rows: rows.slice(-limit), hasMore: rows.length > limit };
}

function conversationOf(world: World, input: Input, userId: string): Conversation {
  const conversation = world.conversations.get(input['conversationId'] as unknown as string);
  if (conversation === undefined) throw new AppError('not_found');
  world.membership(conversation, userId);
  return conversation;
}

function visible(world: World, conversation: Conversation, userId: string): readonly Entry[] {
  return conversation.entries.filter(
    ({ seq }) => seq >= world.membership(conversation, userId).joinedSeq,
  );
}

function itemFor(world: World, conversation: Conversation, userId: string) {
  return { ...world.item(conversation, userId), members: world.members(conversation) };
}

function changed(
  world: World,
  conversation: Conversation,
  change: Parameters<World['change']>[1],
): SentEvent[] {
  const before = everybody(conversation);
  const entry = world.change(conversation, change);
  const events: SentEvent[] = [];
  if (change.action === 'added') {
    for (const id of change.userIds) {
      const payload = { action: 'added', conversation: itemFor(world, conversation, id) };
      events.push({ userIds: [id], event: 'conversation', payload });
    }
  }
  const listeners = change.action === 'added' ? everybody(conversation) : before;
  events.push({ userIds: listeners, event: 'entry', payload: entry });
  if (change.action === 'removed' || change.action === 'left') {
    const payload = { action: 'removed', conversationId: conversation.id };
    events.push({ userIds: change.userIds, event: 'conversation', payload });
  }
  return events;
}

function mark(world: World, input: Input, userId: string): Done {
  const conversation = conversationOf(world, input, userId);
  const membership = world.membership(conversation, userId);
  const seq = Math.min(input['seq'] as unknown as number, conversation.entries.length);
  membership.deliveredSeq = Math.max(membership.deliveredSeq, seq);
  const data = () => world.receipt(conversation, userId);
  return {
    data: data(),
    events: [{ userIds: everybody(conversation), event: 'receipt', payload: data() }],
  };
}

/** An entry goes to every socket of the members but the one that gets it as its answer. */
function toOthers(conversation: Conversation, payload: unknown): SentEvent {
  return { userIds: everybody(conversation), event: 'entry', payload, others: true };
}

/** The operations that the client uses, as a plain server would do them: one process, nothing stored. */
export const fakeOperations: Partial<Record<OperationName, Operation>> = {
  ...deviceOperations,
  ...blockOperations,
  ...partnerOperations,
  sync: (world, input, userId) => {
    const { since } = input as { since?: string };
    const conversations = [...world.conversations.values()].filter((conversation) =>
      conversation.memberships.has(userId),
    );
    const heads = conversations.map((conversation) => world.head(conversation, userId));
    if (world.comparisons !== undefined)
      return { data: world.comparisons.answer(userId, heads, since) };
    if (since !== undefined) throw new AppError('invalid_input');
    return { data: { heads, hasMore: false } };
  },
  'conversation:list': (world, input, userId) => {
    const { cursor = '0', limit = 50 } = input as { cursor?: string; limit?: number };
    const conversations = [...world.conversations.values()].filter((conversation) =>
      conversation.memberships.has(userId),
    );
    const items = conversations
      .map((conversation) => world.item(conversation, userId))
      .sort((left, right) => right.lastAt - left.lastAt);
    const end = Number(cursor) + limit;
    const nextCursor = end < items.length ? String(end) : null;
    return { data: { conversations: items.slice(Number(cursor), end), nextCursor } };
  },
  'conversation:get': (world, input, userId) => ({
    data: itemFor(world, conversationOf(world, input, userId), userId),
  }),
  'conversation:create': (world, input, userId) => {
    const { kind, userId: peer, userIds, title } = input as Record<string, unknown>;
    const members = kind === 'direct' ? [peer as string] : (userIds as string[]);
    const conversation = world.conversation(
      [userId, ...members],
      (title as string | undefined) ?? null,
    );
    const events = members.map((id) => {
      const payload = { action: 'added', conversation: itemFor(world, conversation, id) };
      return { userIds: [id], event: 'conversation', payload };
    });
    return { data: itemFor(world, conversation, userId), events };
  },
  'conversation:update': (world, input, userId) => {
    const conversation = conversationOf(world, input, userId);
    const title = input['title'] as unknown as string;
    conversation.title = title;
    const clientId = world.newId();
    const payload = world.append(conversation, {
      kind: 'title',
      senderId: userId,
      clientId,
      title,
    });
    const events = [{ userIds: everybody(conversation), event: 'entry', payload }];
    return { data: itemFor(world, conversation, userId), events };
  },
  'conversation:settings': (world, input, userId) => {
    const conversation = conversationOf(world, input, userId);
    const { conversationId, ...change } = input as Record<string, unknown>;
    const membership = world.membership(conversation, userId);
    membership.settings = { ...membership.settings, ...change };
    const payload = { action: 'updated', conversationId, settings: membership.settings };
    return {
      data: membership.settings,
      events: [{ userIds: [userId], event: 'conversation', payload }],
    };
  },
  'member:list': (world, input, userId) => ({
    data: { members: world.members(conversationOf(world, input, userId)), nextCursor: null },
  }),
  'member:add': (world, input, userId) => {
    const conversation = conversationOf(world, input, userId);
    const userIds = input['userIds'] as unknown as string[];
    const events = changed(world, conversation, {
      action: 'added',
      userIds,
      role: null,
      senderId: userId,
    });
    const members = world.members(conversation).filter((member) => userIds.includes(member.userId));
    return { data: { members }, events };
  },
  'member:remove': (world, input, userId) => {
    const conversation = conversationOf(world, input, userId);
    const userIds = [input['userId'] as unknown as string];
    const action = userIds[0] === userId ? 'left' : 'removed';
    return {
      data: {},
      events: changed(world, conversation, { action, userIds, role: null, senderId: userId }),
    };
  },
  'member:role': (world, input, userId) => {
    const conversation = conversationOf(world, input, userId);
    const { userId: whom, role } = input as unknown as {
      userId: string;
      role: 'owner' | 'admin' | 'member';
    };
    const events = changed(world, conversation, {
      action: 'role',
      userIds: [whom],
      role,
      senderId: userId,
    });
    return { data: world.members(conversation).find((member) => member.userId === whom), events };
  },
  'message:send': (world, input, userId) => {
    const conversation = conversationOf(world, input, userId);
    const {
      clientId = '',
      text = null,
      attachmentId,
      replyTo,
      after,
    } = input as Record<string, string | undefined>;
    const stored = (key: string) =>
      conversation.entries.find((entry) => entry.senderId === userId && entry.clientId === key);
    const repeat = stored(clientId);
    if (repeat?.kind === 'message') {
      const isSame = repeat.text === text && repeat.attachment?.id === attachmentId;
      if (!isSame && !repeat.deleted) throw new AppError('client_id_reused');
      return { data: repeat };
    }
    if (after !== undefined && stored(after) === undefined) {
      throw new AppError('conflict', 'Not stored', { retryable: true });
    }
    const attachment = attachmentId === undefined ? null : readyFile(world, attachmentId);
    const entry = world.send(conversation, { senderId: userId, text, attachment, clientId });
    const target = conversation.entries.find(({ id }) => id === replyTo);
    const data = target ? { ...entry, replyTo: { messageId: target.id, seq: target.seq } } : entry;
    conversation.entries[entry.seq - 1] = data;
    return { data, events: [toOthers(conversation, data)] };
  },
  'message:delete': (world, input, userId) => {
    const conversation = conversationOf(world, input, userId);
    const data = world.delete(conversation, input['messageId'] as unknown as string, userId);
    return { data, events: [toOthers(conversation, data)] };
  },
  'conversation:entries': (world, input, userId) => {
    const conversation = conversationOf(world, input, userId);
    const { rows, hasMore } = page(visible(world, conversation, userId), input);
    return { data: { entries: rows, hasMore } };
  },
  'conversation:messages': (world, input, userId) => {
    const conversation = conversationOf(world, input, userId);
    const messages = visible(world, conversation, userId).filter(
      (entry) => entry.kind === 'message',
    );
    const { rows, hasMore } = page(messages, input);
    return { data: { messages: rows.map(toMessage), hasMore } };
  },
  'receipt:delivered': mark,
  'receipt:read': (world, input, userId) => {
    const conversation = conversationOf(world, input, userId);
    const membership = world.membership(conversation, userId);
    const seq = Math.min(input['seq'] as unknown as number, conversation.entries.length);
    membership.readSeq = Math.max(membership.readSeq, seq);
    membership.settings = { ...membership.settings, unread: false };
    return mark(world, input, userId);
  },
  typing: (world, input, userId) => {
    const conversation = conversationOf(world, input, userId);
    const userIds = everybody(conversation).filter((id) => id !== userId);
    const payload = { ...(input as object), userId, expiresInMs: 6_000 };
    return { data: {}, events: [{ userIds, event: 'typing', payload }] };
  },
  'presence:watch': (world, input) => {
    const userIds = input['userIds'] as unknown as string[];
    return {
      data: { presences: userIds.map((userId) => world.presence(userId)) },
    };
  },
  'presence:unwatch': () => ({ data: {} }),
  ...attachmentOperations,
};
