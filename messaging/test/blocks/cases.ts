import assert from 'node:assert/strict';
import type {
  EventName,
  OperationName,
  OperationOutput,
  Presence,
  Receipt,
} from '@parley/common/contract';
import type { Socket } from 'socket.io-client';

import { call, collected, heard } from '../support/connections.ts';
import type { Person } from '../support/people.ts';
import { newId } from '../support/test-log.ts';

/** Two users of whom the first blocks the second, with the conversations they share. */
export interface Pair {
  readonly blocker: Person;
  readonly blocked: Person;
  readonly third: Person;
  readonly directId: string;
  readonly groupId: string;
  readonly sockets: ReadonlyMap<Person, Socket>;
  /** The id of a message of each in the direct conversation, from before the block. */
  readonly said: ReadonlyMap<Person, string>;
}

export type Input = Record<string, unknown>;
type Ask = (pair: Pair, self: Person, other: Person) => Input | Promise<Input>;
type Look = (data: unknown, other: Person) => void;

/** The operation is refused: `blocked` for the blocker; for the blocked user as if the account were deleted. */
export interface Ends {
  readonly ends: Ask;
  readonly codes?: { readonly blocker: string; readonly blocked: string };
}
/** The operation succeeds, and its answer hides the other user. */
export interface Hides {
  readonly hides: Ask;
  readonly look: Look;
}
/** The operation is not affected by a block, for the reason `why`. */
export interface Stays {
  readonly stays: Ask;
  readonly why: string;
  /** The error code, if the operation fails for another reason. */
  readonly code?: string;
}

const nothing: Ask = () => ({});
const inDirect: Ask = ({ directId }) => ({ conversationId: directId });
const inGroup: Ask = ({ groupId }) => ({ conversationId: groupId });
const ofOther: Ask = (_pair, _self, other) => ({ userId: other.userId });
const someAttachment: Ask = () => ({ attachmentId: newId() });
const own = 'it concerns only the own account';
const administrators = 'it is for administrators, whom blocks do not concern';
const reads = 'it reads earlier messages, which stay readable';

const noReceiptOf: Look = (data, other) => {
  const { receipts } = data as { receipts: readonly Receipt[] };
  assert.ok(receipts.every(({ userId }) => userId !== other.userId));
};

/** Every operation of the contract; a missing one does not compile. */
export const crossedOperations: Readonly<Record<OperationName, Ends | Hides | Stays>> = {
  'conversation:create': { ends: (_pair, _self, { userId }) => ({ kind: 'direct', userId }) },
  'member:add': {
    ends: async ({ sockets, third }, self, other) => {
      const input = { kind: 'group', title: 'Another', userIds: [third.userId] };
      const made = await call(sockets.get(self)!, 'conversation:create', input);
      const { id } = made as OperationOutput<'conversation:create'>;
      return { conversationId: id, userIds: [other.userId] };
    },
  },
  'message:send': {
    ends: ({ directId }) => ({ conversationId: directId, clientId: newId(), text: 'Hello?' }),
  },
  'link:confirm': {
    ends: async ({ sockets }, _self, other) => {
      const { linkCode } = (await call(sockets.get(other)!, 'link:create')) as Input;
      return { linkCode };
    },
    codes: { blocker: 'link_code_invalid', blocked: 'link_code_invalid' },
  },
  'conversation:get': { hides: inDirect, look: noReceiptOf },
  'conversation:list': {
    hides: nothing,
    look: (data, other) => {
      const { conversations } = data as { conversations: readonly Input[] };
      for (const item of conversations) noReceiptOf(item, other);
    },
  },
  'conversation:settings': {
    stays: ({ directId }) => ({ conversationId: directId, pinned: true }),
    why: own,
  },
  'conversation:update': { stays: inGroup, why: 'groups are not affected' },
  'member:list': { stays: inGroup, why: 'groups are not affected' },
  'member:remove': {
    stays: (pair) => ({ conversationId: pair.groupId, userId: newId() }),
    why: 'groups are not affected',
    code: 'forbidden',
  },
  'member:role': {
    stays: (pair) => ({ conversationId: pair.groupId, userId: newId(), role: 'admin' }),
    why: 'groups are not affected',
    code: 'forbidden',
  },
  'message:delete': {
    stays: ({ directId, said }, self) => ({
      conversationId: directId,
      messageId: said.get(self),
      clientId: newId(),
    }),
    why: 'senders may always delete their messages',
  },
  'message:delivery': {
    hides: ({ directId, said }, self) => ({ conversationId: directId, messageId: said.get(self) }),
    look: (data) => {
      const { counts, recipients } = data as OperationOutput<'message:delivery'>;
      assert.deepEqual(counts, { delivered: 0, read: 0, of: 1 });
      assert.ok(recipients.every((each) => each.deliveredAt === null && each.readAt === null));
    },
  },
  'conversation:entries': { stays: inDirect, why: reads },
  'conversation:messages': { stays: inDirect, why: reads },
  'receipt:delivered': {
    stays: ({ directId }) => ({ conversationId: directId, seq: 3 }),
    why: 'the other user receives no event: see the events below',
  },
  'receipt:read': {
    stays: ({ directId }) => ({ conversationId: directId, seq: 3 }),
    why: 'the other user receives no event: see the events below',
  },
  sync: { stays: nothing, why: 'it returns the heads of the own conversations' },
  typing: {
    stays: ({ directId }) => ({ conversationId: directId, typing: true }),
    why: 'the other user receives no event: see the events below',
  },
  'presence:watch': {
    hides: (_pair, _self, { userId }) => ({ userIds: [userId] }),
    look: (data, { userId }) => {
      const away = { userId, online: false, lastSeenAt: null };
      assert.deepEqual((data as { presences: Presence[] }).presences, [away]);
    },
  },
  'presence:unwatch': { stays: (_pair, _self, { userId }) => ({ userIds: [userId] }), why: own },
  'admin:conversation': { stays: inDirect, why: administrators, code: 'forbidden' },
  'admin:conversation-members': { stays: inDirect, why: administrators, code: 'forbidden' },
  'admin:push': {
    stays: (_pair, _self, { userId }) => ({ user: userId }),
    ...{ why: administrators, code: 'forbidden' },
  },
  'admin:stats': { stays: nothing, why: administrators, code: 'forbidden' },
  'app:state': { stays: () => ({ state: 'foreground' }), why: own },
  'status:get': { stays: nothing, why: own },
  'status:set': { stays: () => ({ status: 'BUSY' }), why: 'a block ends the link' },
  'link:create': {
    stays: nothing,
    why: 'the other user cannot confirm the code: see link:confirm',
  },
  'partner:get': { stays: nothing, why: 'a block ends the link', code: 'not_found' },
  'partner:unlink': { stays: nothing, why: 'a block ends the link', code: 'not_found' },
  'block:list': { stays: nothing, why: own },
  'block:add': { stays: ofOther, why: 'each may block the other' },
  'block:remove': { stays: () => ({ userId: newId() }), why: own },
  'device:register': {
    stays: () => ({ token: `token:${newId()}`, platform: 'android' }),
    why: own,
  },
  'device:remove': { stays: () => ({ token: 'of-another-app' }), why: own },
  'attachment:create': {
    ends: ({ directId }) => ({
      conversationId: directId,
      name: 'a.txt',
      contentType: 'text/plain',
      size: 3,
    }),
  },
  'attachment:resume': { stays: someAttachment, why: own, code: 'not_found' },
  'attachment:complete': { stays: someAttachment, why: own, code: 'not_found' },
  'attachment:cancel': { stays: someAttachment, why: own, code: 'not_found' },
  'attachment:url': { stays: someAttachment, why: reads, code: 'not_found' },
  'admin:engagement': {
    stays: () => ({ from: '2026-01-01', to: '2026-01-02' }),
    why: 'only administrators may call it',
    code: 'forbidden',
  },
};

/** Something a user does that would send an event to the other user if there were no block. */
type Provoke = (pair: Pair, who: Person) => Promise<unknown>;

/** The other user receives the event of everyone except the blocked or blocking user. */
export interface Unheard {
  readonly unheard: Provoke;
  /** What the other user must do first to receive such events. */
  readonly before?: (pair: Pair, other: Person) => Promise<unknown>;
  readonly of: (payload: unknown) => string;
}

const say =
  (name: OperationName, input: (pair: Pair) => Input, conversations: 'both' | 'group'): Provoke =>
  async (pair, who) => {
    const { directId, groupId, sockets, third } = pair;
    const ids = who === third || conversations === 'group' ? [groupId] : [directId, groupId];
    for (const conversationId of ids) {
      await call(sockets.get(who)!, name, { conversationId, ...input(pair) });
    }
  };

const ofUser = (payload: unknown) => (payload as { userId: string }).userId;
const connection = 'it concerns only the own connection';

/** Every event of the contract; a missing one does not compile. */
export const crossedEvents: Readonly<Record<EventName, Unheard | { readonly why: string }>> = {
  receipt: { unheard: say('receipt:read', () => ({ seq: 1 }), 'both'), of: ofUser },
  typing: { unheard: say('typing', () => ({ typing: true }), 'both'), of: ofUser },
  presence: {
    async before({ sockets, blocked, blocker, third }, other) {
      const mine = sockets.get(other)!;
      const direct = { kind: 'direct', userId: third.userId };
      const { id } = (await call(mine, 'conversation:create', direct)) as { id: string };
      for (const who of [other, third]) {
        const input = { conversationId: id, clientId: newId(), text: 'Hello' };
        await call(sockets.get(who)!, 'message:send', input);
      }
      const others = [blocked, blocker, third].filter((one) => one !== other);
      await call(mine, 'presence:watch', { userIds: others.map(({ userId }) => userId) });
    },
    unheard: ({ sockets }, who) => Promise.resolve(sockets.get(who)!.disconnect()),
    of: ofUser,
  },
  partner: {
    before: async ({ sockets, third }, other) => {
      const { linkCode } = (await call(sockets.get(third)!, 'link:create')) as Input;
      const linked = heard(sockets.get(other)!, 'partner');
      await call(sockets.get(other)!, 'link:confirm', { linkCode });
      await linked;
    },
    unheard: ({ sockets }, who) => call(sockets.get(who)!, 'status:set', { status: 'BUSY' }),
    of: (payload) => (payload as { partnerId: string }).partnerId,
  },
  entry: {
    why: 'direct messages are refused; group messages are not affected: see the test below',
  },
  conversation: { why: 'invitations are refused' },
  profile: { why: 'profiles are public' },
  attachment: { why: 'it follows a message' },
  status: { why: 'it goes to the own devices' },
  block: { why: 'it goes to the own devices' },
  ready: { why: connection },
  'sync:page': { why: connection },
  'sync:done': { why: connection },
  resync: { why: connection },
  'session:closed': { why: connection },
  'server:draining': { why: connection },
};

/** Whom the events are about that a socket receives until the one about `last`. */
export async function heardUntil(
  socket: Socket,
  { name, of }: { readonly name: EventName; readonly of: Unheard['of'] },
  { act, last }: { readonly act: () => Promise<unknown>; readonly last: string },
): Promise<string[]> {
  const all = collected(socket, name);
  const end = heard(socket, name, (payload) => of(payload) === last);
  await act();
  await end;
  return all.map(of);
}
