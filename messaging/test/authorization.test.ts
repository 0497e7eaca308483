import assert from 'node:assert/strict';
import { isForAdministrators, operations, type OperationName } from '@parley/common/contract';
import type { Socket } from 'socket.io-client';

import type { EntryDocument } from '../src/log/entry-document.ts';
import { ask } from './support/connections.ts';
import type { Person } from './support/people.ts';
import { TestStack } from './support/stack.ts';
import { newId } from './support/test-log.ts';

/** Who asks, and what each may be answered besides success. */
type Role = 'nobody' | 'stranger' | 'former member' | 'member';
type Outcome =
  | 'ok'
  | 'unauthenticated'
  | 'not_found'
  | 'forbidden'
  | 'unavailable'
  | 'unknown_operation'
  | 'link_code_invalid';

interface Case {
  readonly input: (ground: Ground) => Record<string, unknown>;
  /** What people who are logged in are answered; nobody is always `unauthenticated`. */
  readonly expected: Readonly<Record<Exclude<Role, 'nobody'>, Outcome>>;
}

interface Ground {
  readonly conversationId: string;
  /** The direct conversation of the owner and the member. */
  readonly directId: string;
  readonly messageId: string;
  readonly ownMessageId: string;
  readonly owner: Person;
  readonly member: Person;
  readonly other: Person;
}

const outsiders = { stranger: 'not_found', 'former member': 'not_found' } as const;
const everybody = { stranger: 'ok', 'former member': 'ok', member: 'ok' } as const;
const nobodys = { ...outsiders, member: 'not_found' } as const;
const membersOnly = { ...outsiders, member: 'ok' } as const;
const managersOnly = { ...outsiders, member: 'forbidden' } as const;
/** Depends on nothing of the conversation. */
const nobodyYet = (outcome: Outcome) =>
  ({ stranger: outcome, 'former member': outcome, member: outcome }) as const;
const administrators = nobodyYet('forbidden');
const here = ({ conversationId }: Ground) => ({ conversationId });

/** Every operation of the contract. One that is missing here does not compile. */
const cases: Readonly<Record<OperationName, Case>> = {
  'conversation:create': {
    input: ({ owner }) => ({ kind: 'direct', userId: owner.userId }),
    expected: everybody,
  },
  'conversation:list': { input: () => ({}), expected: everybody },
  'conversation:get': { input: here, expected: membersOnly },
  'conversation:update': {
    input: (ground) => ({ ...here(ground), title: 'Taken over' }),
    expected: managersOnly,
  },
  'conversation:settings': {
    input: (ground) => ({ ...here(ground), pinned: true }),
    expected: membersOnly,
  },
  'member:list': { input: here, expected: membersOnly },
  'member:add': {
    input: (ground) => ({ ...here(ground), userIds: [ground.other.userId] }),
    expected: managersOnly,
  },
  'member:remove': {
    input: (ground) => ({ ...here(ground), userId: ground.owner.userId }),
    expected: managersOnly,
  },
  'member:role': {
    input: (ground) => ({ ...here(ground), userId: ground.owner.userId, role: 'member' }),
    expected: managersOnly,
  },
  'message:send': {
    input: (ground) => ({ ...here(ground), clientId: newId(), text: 'Hello' }),
    expected: membersOnly,
  },
  'message:delete': {
    input: (ground) => ({ ...here(ground), clientId: newId(), messageId: ground.messageId }),
    expected: managersOnly,
  },
  // Asked of a message of the owner: other members see it, and not what became of it.
  'message:delivery': {
    input: (ground) => ({ ...here(ground), messageId: ground.messageId }),
    expected: managersOnly,
  },
  'conversation:entries': { input: here, expected: membersOnly },
  'conversation:messages': { input: here, expected: membersOnly },
  'receipt:delivered': { input: (ground) => ({ ...here(ground), seq: 2 }), expected: membersOnly },
  'receipt:read': { input: (ground) => ({ ...here(ground), seq: 2 }), expected: membersOnly },
  sync: { input: () => ({}), expected: everybody },
  typing: { input: (ground) => ({ ...here(ground), typing: true }), expected: membersOnly },
  'block:list': { input: () => ({}), expected: everybody },
  'block:add': { input: ({ other }) => ({ userId: other.userId }), expected: everybody },
  'block:remove': { input: ({ other }) => ({ userId: other.userId }), expected: everybody },
  'status:get': { input: () => ({}), expected: everybody },
  'status:set': { input: () => ({ status: 'BUSY' }), expected: everybody },
  'link:create': { input: () => ({}), expected: everybody },
  'link:confirm': {
    input: () => ({ linkCode: 'no code' }),
    expected: nobodyYet('link_code_invalid'),
  },
  'partner:get': { input: () => ({}), expected: nobodyYet('not_found') },
  'partner:unlink': { input: () => ({}), expected: nobodyYet('not_found') },
  'presence:watch': { input: ({ owner }) => ({ userIds: [owner.userId] }), expected: everybody },
  'presence:unwatch': { input: ({ owner }) => ({ userIds: [owner.userId] }), expected: everybody },
  'attachment:create': {
    input: (ground) => ({ ...here(ground), name: 'a.txt', contentType: 'text/plain', size: 3 }),
    // This stack has no store.
    expected: { ...outsiders, member: 'unavailable' },
  },
  'attachment:resume': { input: () => ({ attachmentId: newId() }), expected: nobodys },
  'attachment:complete': { input: () => ({ attachmentId: newId() }), expected: nobodys },
  'attachment:cancel': { input: () => ({ attachmentId: newId() }), expected: nobodys },
  'attachment:url': { input: () => ({ attachmentId: newId() }), expected: nobodys },
  'device:register': {
    input: () => ({ token: `token:${newId()}`, platform: 'android' }),
    expected: everybody,
  },
  'device:remove': { input: () => ({ token: 'of-another-app' }), expected: everybody },
  'app:state': { input: () => ({ state: 'foreground' }), expected: everybody },
  'admin:conversation': { input: here, expected: administrators },
  'admin:conversation-members': { input: here, expected: administrators },
  'admin:push': { input: ({ owner }) => ({ user: owner.userId }), expected: administrators },
  'admin:stats': { input: () => ({}), expected: administrators },
  'admin:engagement': {
    input: () => ({ from: '2026-01-01', to: '2026-01-02' }),
    expected: administrators,
  },
};

const names = Object.keys(cases) as OperationName[];

/** Whether an operation is about one conversation, and for its members. */
function namesConversation(name: OperationName): boolean {
  const { input } = operations[name];
  if (isForAdministrators(operations[name])) return false;
  return 'shape' in input && 'conversationId' in input.shape;
}

/** Further inputs of operations on a conversation, each beside that of its case. */
const optional: Readonly<
  Partial<Record<OperationName, (ground: Ground, self: Person) => Record<string, unknown>[]>>
> = {
  'conversation:update': () => [{}, { title: undefined }, { clientId: 'k' }, { title: 'Ours' }],
  'conversation:settings': () => [{}, { pinned: undefined }, { mutedUntil: null, unread: true }],
  'conversation:entries': () => [{}, { after: 0 }, { after: 1_000 }, { before: 1 }, { limit: 1 }],
  'conversation:messages': () => [{}, { after: 0 }, { after: 1_000 }, { before: 1 }, { limit: 1 }],
  'member:list': () => [{}, { limit: 1 }],
  'member:add': ({ member, owner }, { userId }) => [
    ...[{}, { clientId: 'k' }, { userIds: [userId] }, { userIds: [owner.userId, member.userId] }],
  ],
  'member:remove': ({ other }, { userId }) => [{}, { userId }, { userId: other.userId }],
  'member:role': (_, { userId }) => [{}, { role: 'owner' }, { userId }, { userId, role: 'admin' }],
  'message:send': ({ messageId, ownMessageId }) => [
    ...[{}, { after: 'never' }, { after: 'a-1' }, { after: 'create', clientId: 'create' }],
    ...[{ replyTo: messageId }, { replyTo: ownMessageId, after: 'never' }, { replyTo: newId() }],
    { attachmentId: newId() },
  ],
  'message:delete': ({ ownMessageId }) => [
    ...[{}, { messageId: newId() }, { messageId: ownMessageId }, { clientId: 'create' }],
  ],
  'message:delivery': ({ ownMessageId }) => [
    ...[{}, { messageId: newId() }, { messageId: ownMessageId }],
  ],
  'receipt:delivered': () => [{}, { seq: 0 }, { seq: 1_000 }],
  'receipt:read': () => [{}, { seq: 0 }, { seq: 1_000 }],
  typing: () => [{}, { typing: false }],
};

/** What no field takes. */
const hostile: readonly unknown[] = [
  { $ne: null },
  { $gt: '' },
  [],
  [[]],
  {},
  null,
  Number.MAX_VALUE,
  -1,
  0.5,
  '',
  '\u0000',
  'x'.repeat(50_000),
  '../../etc/passwd',
];

describe('who may do what', function () {
  this.timeout(60_000);
  let stack: TestStack;
  let url = '';
  let ground: Ground;
  const people = new Map<Exclude<Role, 'nobody'>, Person>();
  const sockets = new Map<Role, Socket>();

  before(async () => {
    stack = await TestStack.create();
    ({ url } = await stack.node({ PARLEY_RATE_LIMITS: 'off' }));
    const create = () => stack.people.create();
    const [owner, member, former] = [await create(), await create(), await create()];
    const [stranger, other] = [await create(), await create()];
    people.set('member', member).set('former member', former).set('stranger', stranger);
    for (const [role, person] of people)
      sockets.set(role, await stack.connections.open(url, person));
    const o = await stack.connections.open(url, owner);
    const group = (await done(o, 'conversation:create', {
      kind: 'group',
      title: 'Ours',
      userIds: [member.userId, former.userId],
    })) as { id: string };
    const conversationId = group.id;
    const send = (text: string) => ({ conversationId, clientId: newId(), text });
    const theirs = (await done(o, 'message:send', send('of the owner'))) as { id: string };
    const own = (await done(sockets.get('member')!, 'message:send', send('of the member'))) as {
      id: string;
    };
    await done(o, 'member:remove', { conversationId, userId: former.userId });
    const directId = await stack.acquaint(url, owner, member);
    ground = {
      conversationId,
      directId,
      messageId: theirs.id,
      ownMessageId: own.id,
      owner,
      member,
      other,
    };
  });

  after(() => stack.close());

  for (const name of names) {
    for (const role of ['stranger', 'former member', 'member'] as const) {
      const expected = cases[name].expected[role];
      it(`answers ${name} of a ${role} with ${expected}, over the socket and over HTTP`, async () => {
        const input = () => cases[name].input(ground);
        const answer = await ask(sockets.get(role)!, name, input());
        assert.equal(answer.ok ? 'ok' : answer.error.code, expected, JSON.stringify(answer));
        if (operations[name].http === undefined) return;
        assert.equal(await overHttp(name, input(), people.get(role)!.token), expected);
      });
    }

    it(`answers ${name} of nobody with unauthenticated`, async () => {
      if (operations[name].http === undefined) {
        const [error] = [await stack.connections.refused(url, {})];
        assert.equal(error.message, 'unauthenticated');
        return;
      }
      assert.equal(await overHttp(name, cases[name].input(ground), undefined), 'unauthenticated');
      assert.equal(
        await overHttp(name, cases[name].input(ground), 'x'.repeat(43)),
        'unauthenticated',
      );
    });

    it(`answers hostile input of ${name} with a code and changes nothing`, async () => {
      const before = await snapshot();
      const input = cases[name].input(ground);
      const inputs = [
        ...Object.keys(input).flatMap((field) =>
          hostile.map((value) => ({ ...input, [field]: value })),
        ),
        { ...input, surprise: true },
        { ...input, constructor: { prototype: { admin: true } } },
        JSON.parse(`{"__proto__": {"admin": true}}`) as Record<string, unknown>,
      ];
      for (const each of inputs.filter(
        (given) => !operations[name].input.safeParse(given).success,
      )) {
        const answer = await ask(sockets.get('member')!, name, each);
        assert.ok(!answer.ok, JSON.stringify(each).slice(0, 200));
        // Of the operations of administrators, others do not even learn whether their input is valid.
        const isHidden = isForAdministrators(operations[name]);
        assert.equal(answer.error.code, isHidden ? 'forbidden' : 'invalid_input');
      }
      assert.deepEqual(await snapshot(), before);
    });
  }

  for (const name of names.filter(namesConversation)) {
    it(`answers ${name} of those who are not members as if the conversation did not exist`, async () => {
      for (const role of ['stranger', 'former member'] as const) {
        for (const more of optional[name]?.(ground, people.get(role)!) ?? [{}]) {
          const refusalIn = async (conversationId: string) => {
            const input = { ...cases[name].input(ground), ...more, conversationId };
            const answer = await ask(sockets.get(role)!, name, input);
            assert.ok(!answer.ok);
            return answer.error;
          };
          const missing = await refusalIn(newId());
          assert.equal(missing.code, name === 'attachment:create' ? missing.code : 'not_found');
          for (const existing of [ground.conversationId, ground.directId]) {
            assert.deepEqual(await refusalIn(existing), missing, JSON.stringify(more));
          }
        }
      }
    });
  }

  it('answers paths that are written like internal ones as unknown', async () => {
    const { token } = ground.owner;
    for (const path of ['Readyz', 'READYZ', '%72eadyz', 'Internal/x', '%69nternal/sessions']) {
      const response = await fetch(`${url}/${path}`, {
        headers: { authorization: `Bearer ${token}`, connection: 'close' },
      });
      assert.equal(response.status, 404, path);
      assert.equal(((await response.json()) as { code: string }).code, 'unknown_operation');
    }
  });

  it('hides what was said before somebody came, from every operation', async () => {
    const o = await stack.connections.open(url, ground.owner);
    const late = await stack.people.create();
    const l = await stack.connections.open(url, late);
    const { conversationId, messageId } = ground;
    await done(o, 'member:add', { conversationId, userIds: [late.userId] });
    for (const name of ['conversation:entries', 'conversation:messages'] as const) {
      const page = JSON.stringify(await done(l, name, { conversationId, after: 0, limit: 200 }));
      assert.ok(!page.includes('of the owner') && !page.includes(messageId), name);
    }
    const listed = JSON.stringify(await done(l, 'conversation:list', {}));
    assert.ok(!listed.includes('of the owner'));
    const reply = { conversationId, clientId: newId(), text: 'What?', replyTo: messageId };
    const answer = await ask(l, 'message:send', reply);
    assert.equal(!answer.ok && answer.error.code, 'not_found');
    const deletion = { conversationId, clientId: newId(), messageId };
    const refused = await ask(l, 'message:delete', deletion);
    assert.equal(!refused.ok && refused.error.code, 'not_found');
  });

  it('lets a member delete its own message, and nobody find its text again', async () => {
    const { conversationId, ownMessageId } = ground;
    const input = { conversationId, messageId: ownMessageId, clientId: newId() };
    const first = await done(sockets.get('member')!, 'message:delete', input);
    const again = { ...input, clientId: newId() };
    assert.deepEqual(await done(sockets.get('member')!, 'message:delete', again), first);
    const names = (await stack.mongo.db.listCollections().toArray()).map((each) => each.name);
    for (const name of names) {
      const all = JSON.stringify(await stack.mongo.db.collection(name).find().toArray());
      assert.ok(!all.includes('of the member'), name);
    }
  });

  async function done(socket: Socket, name: OperationName, input: unknown): Promise<unknown> {
    const answer = await ask(socket, name, input);
    assert.ok(answer.ok, `${name}: ${JSON.stringify(answer)}`);
    return answer.data;
  }

  /** The log and the members, without what the allowed cases of other operations may move meanwhile. */
  async function snapshot() {
    const { conversationId } = ground;
    const { db } = stack.mongo;
    return {
      entries: await db
        .collection<EntryDocument>('entries')
        .find({ conversationId })
        .sort({ seq: 1 })
        .toArray(),
      members: await db.collection('members').find({ conversationId }).sort({ _id: 1 }).toArray(),
      devices: await db.collection('devices').find().sort({ _id: 1 }).toArray(),
    };
  }

  async function overHttp(
    name: OperationName,
    input: Record<string, unknown>,
    token: string | undefined,
  ): Promise<string> {
    const { http } = operations[name] as { http?: { method: string; path: string } };
    assert.ok(http !== undefined);
    const rest = { ...input };
    const path = http.path.replace(/:(\w+)/g, (_, field: string) => {
      const value = String(rest[field]);
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- what stands in the path stands nowhere else
      delete rest[field];
      return value;
    });
    const hasBody = http.method !== 'GET' && Object.keys(rest).length > 0;
    const response = await fetch(url + path, {
      method: http.method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
      },
      ...(hasBody ? { body: JSON.stringify(rest) } : {}),
    });
    if (response.ok) return 'ok';
    const problem = (await response.json()) as { code: string; type: string; status: number };
    assert.equal(problem.type, `urn:parley:error:${problem.code}`);
    assert.equal(problem.status, response.status);
    return problem.code;
  }
});
