import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import type { UserDocument } from '@parley/backend-common/domain';
import { testRedisUrl } from '@parley/backend-common/testing';
import {
  operations,
  type EventName,
  type Member,
  type OperationName,
} from '@parley/common/contract';
import type { Socket } from 'socket.io-client';

import { ask, call, collected, heard } from '../support/connections.ts';
import { request } from '../support/http.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';
import { newId } from '../support/test-log.ts';
import { until } from '../support/until.ts';
import { crossedEvents, crossedOperations, heardUntil, type Pair } from './cases.ts';

const GRACE = 100;

describe('a block', function () {
  this.timeout(60_000);
  let stack: TestStack;
  let here: RunningService;
  let there: RunningService;

  before(async () => {
    stack = await TestStack.create();
    const env = { REDIS_URL: testRedisUrl(), PARLEY_RATE_LIMITS: 'off' };
    here = await stack.node(env, { presenceGrace: GRACE });
    there = await stack.node(env, { presenceGrace: GRACE });
  });
  after(() => stack.close());

  /** Two users on different nodes who have both written, share a group, and of whom one then blocks the other. */
  async function pairOf(): Promise<Pair> {
    const [blocker, blocked, third] = await Promise.all([
      stack.people.create(),
      stack.people.create(),
      stack.people.create(),
    ]);
    const groupId = await stack.group(here.url, [third, blocker, blocked]);
    const directId = await stack.direct(here.url, blocker, blocked);
    const sockets = new Map<Person, Socket>();
    const said = new Map<Person, string>();
    for (const [person, { url }] of [
      [blocker, here],
      [blocked, there],
      [third, here],
    ] as const) {
      const socket = await stack.connections.open(url, person);
      await call(socket, 'sync');
      sockets.set(person, socket);
      if (person === third) continue;
      const input = { conversationId: directId, clientId: newId(), text: 'Hello' };
      said.set(person, ((await call(socket, 'message:send', input)) as { id: string }).id);
    }
    await call(sockets.get(blocked)!, 'receipt:read', { conversationId: directId, seq: 2 });
    await call(sockets.get(blocker)!, 'block:add', { userId: blocked.userId });
    // Wait until the other node has received the cluster event.
    const direct = { kind: 'direct', userId: blocker.userId };
    await until(async () => !(await ask(sockets.get(blocked)!, 'conversation:create', direct)).ok);
    return { blocker, blocked, third, directId, groupId, sockets, said };
  }

  for (const name of Object.keys(crossedOperations) as OperationName[]) {
    const row = crossedOperations[name];
    const effect =
      'ends' in row ? 'refuses' : 'hides' in row ? 'hides the other user in' : 'does not affect';
    it(`${effect} ${name}, for both users`, async () => {
      const pair = await pairOf();
      const sides = [
        ['blocker', pair.blocker, pair.blocked],
        ['blocked', pair.blocked, pair.blocker],
      ] as const;
      for (const [side, self, other] of sides) {
        const build = 'ends' in row ? row.ends : 'hides' in row ? row.hides : row.stays;
        const input = await build(pair, self, other);
        const answer = await ask(pair.sockets.get(self)!, name, input);
        const code = answer.ok ? undefined : answer.error.code;
        if ('ends' in row) {
          const codes = row.codes ?? { blocker: 'blocked', blocked: 'recipient_unavailable' };
          assert.equal(code, codes[side], JSON.stringify(answer));
        } else if ('hides' in row) {
          assert.ok(answer.ok, JSON.stringify(answer));
          row.look(answer.data, other);
        } else {
          assert.equal(code, row.code, JSON.stringify(answer));
        }
      }
    });
  }

  for (const name of Object.keys(crossedEvents) as EventName[]) {
    const row = crossedEvents[name];
    if (!('unheard' in row)) continue;
    for (const side of ['blocker', 'blocked'] as const) {
      it(`withholds the ${name} events of the ${side} user from the other`, async () => {
        const pair = await pairOf();
        const [self, other] =
          side === 'blocker' ? [pair.blocker, pair.blocked] : [pair.blocked, pair.blocker];
        await row.before?.(pair, other);
        const from = await heardUntil(
          pair.sockets.get(other)!,
          { name, of: row.of },
          {
            last: pair.third.userId,
            async act() {
              await row.unheard(pair, self);
              await row.unheard(pair, pair.third);
            },
          },
        );
        assert.ok(!from.includes(self.userId), from.join());
      });
    }
  }

  it('does not stop messages in groups, in either direction', async () => {
    const { blocked, blocker, groupId, sockets } = await pairOf();
    for (const [from, to] of [
      [blocker, blocked],
      [blocked, blocker],
    ] as const) {
      const arrives = heard(sockets.get(to)!, 'entry', ({ senderId }) => senderId === from.userId);
      const input = { conversationId: groupId, clientId: newId(), text: 'To all of you' };
      await call(sockets.get(from)!, 'message:send', input);
      assert.equal((await arrives).kind, 'message');
    }
  });

  it('looks like a deleted account to the blocked user', async () => {
    const { blocked, blocker, directId, sockets } = await pairOf();
    const ofBlocker = await Promise.all(
      [
        { name: 'message:send', input: { conversationId: directId, clientId: newId(), text: '?' } },
        { name: 'conversation:create', input: { kind: 'direct', userId: blocker.userId } },
      ].map(({ input, name }) => ask(sockets.get(blocked)!, name, input)),
    );
    const gone = await stack.people.create();
    await stack.mongo.db
      .collection<{ _id: string }>('users')
      .updateOne({ _id: gone.userId }, { $set: { deletedAt: 1 } });
    const input = { kind: 'direct', userId: gone.userId };
    const ofGone = await ask(sockets.get(blocked)!, 'conversation:create', input);
    for (const answer of ofBlocker) assert.deepEqual(answer, ofGone);
  });

  it('makes the blocker look like a deleted account to the blocked user, in no more than their direct conversation', async () => {
    const { blocked, blocker, directId, groupId, sockets, third } = await pairOf();
    const gone = {
      ...{ id: blocker.userId, username: null, displayName: null },
      ...{ avatarId: null, deleted: true },
    };
    type Shown = { readonly peer?: unknown; readonly members: readonly Member[] };
    const see = async (who: Person, conversationId: string) => {
      const socket = sockets.get(who)!;
      const shown = (await call(socket, 'conversation:get', { conversationId })) as Shown;
      const { members } = (await call(socket, 'member:list', { conversationId })) as Shown;
      const profiles = [...shown.members, ...members].map(({ profile }) => profile);
      return { peer: shown.peer, ofBlocker: profiles.filter(({ id }) => id === blocker.userId) };
    };
    assert.deepEqual(await see(blocked, directId), { peer: gone, ofBlocker: [gone, gone] });
    const listed = (await call(sockets.get(blocked)!, 'conversation:list')) as {
      conversations: { id: string; peer?: unknown }[];
    };
    assert.deepEqual(listed.conversations.find(({ id }) => id === directId)?.peer, gone);
    for (const [who, where] of [
      [blocked, groupId],
      [third, groupId],
      [blocker, directId],
    ] as const) {
      const { ofBlocker } = await see(who, where);
      assert.deepEqual(
        ofBlocker.map(({ deleted }) => deleted),
        [false, false],
      );
    }
  });

  it('sends changes of the profile to everybody but the blocked user', async () => {
    const { blocked, blocker, sockets, third } = await pairOf();
    const seen = collected(sockets.get(blocked)!, 'profile');
    const rename = async ({ userId }: Person, displayName: string) => {
      const arrives = heard(sockets.get(third)!, 'profile', ({ id }) => id === userId);
      await stack.mongo.db
        .collection<UserDocument>('users')
        .updateOne({ _id: userId }, { $set: { displayName, profileChangedAt: Date.now() } });
      await arrives;
    };
    await rename(blocker, 'Of the blocker');
    const others = heard(sockets.get(blocked)!, 'profile');
    await rename(third, 'Of the third');
    assert.equal((await others).id, third.userId);
    assert.deepEqual(
      seen.map(({ id }) => id),
      [third.userId],
    );
  });

  it('refuses as for a deleted account, whoever else is named', async () => {
    const { blocked, blocker, sockets, third } = await pairOf();
    const gone = await stack.people.create();
    await stack.mongo.db
      .collection<UserDocument>('users')
      .updateOne({ _id: gone.userId }, { $set: { deletedAt: 1 } });
    const mine = sockets.get(blocked)!;
    const foe = await stack.people.create();
    await call(mine, 'block:add', { userId: foe.userId });
    const own = (await call(mine, 'conversation:create', {
      ...{ kind: 'group', title: 'Mine', userIds: [third.userId] },
    })) as { id: string };
    for (const company of [[], [third.userId], [newId()], [foe.userId], [foe.userId, newId()]]) {
      for (const turned of [false, true]) {
        const refusals = (suspect: string) => {
          const userIds = turned ? [...company, suspect] : [suspect, ...company];
          return Promise.all([
            ask(mine, 'conversation:create', { kind: 'group', title: 'New', userIds }),
            ask(mine, 'member:add', { conversationId: own.id, userIds }),
          ]);
        };
        const [ofBlocker, ofGone] = [await refusals(blocker.userId), await refusals(gone.userId)];
        assert.deepEqual(ofBlocker, ofGone, JSON.stringify({ company, turned }));
      }
    }
  });

  it('answers a repeated send with the message that was stored before the block', async () => {
    const pair = await pairOf();
    const { blocked, blocker, directId, sockets } = pair;
    await call(sockets.get(blocker)!, 'block:remove', { userId: blocked.userId });
    const direct = { kind: 'direct', userId: blocker.userId };
    const reaches = async () =>
      (await ask(sockets.get(blocked)!, 'conversation:create', direct)).ok;
    await until(reaches);
    const input = { conversationId: directId, clientId: newId(), text: 'Before' };
    const stored = await call(sockets.get(blocked)!, 'message:send', input);
    await call(sockets.get(blocker)!, 'block:add', { userId: blocked.userId });
    await until(async () => !(await reaches()));
    const next = { ...input, clientId: newId(), after: input.clientId };
    const answer = await ask(sockets.get(blocked)!, 'message:send', next);
    assert.deepEqual(await call(sockets.get(blocked)!, 'message:send', input), stored);
    assert.equal(!answer.ok && answer.error.code, 'recipient_unavailable');
  });

  it('stops affecting messages and presence when it is removed', async () => {
    const { blocked, blocker, directId, sockets } = await pairOf();
    const watching = sockets.get(blocked)!;
    await call(watching, 'presence:watch', { userIds: [blocker.userId] });
    const seen = heard(watching, 'presence', ({ userId }) => userId === blocker.userId);
    await call(sockets.get(blocker)!, 'block:remove', { userId: blocked.userId });
    assert.equal((await seen).online, true);
    const arrives = heard(sockets.get(blocker)!, 'entry');
    const input = { conversationId: directId, clientId: newId(), text: 'Back' };
    await call(watching, 'message:send', input);
    assert.equal((await arrives).clientId, input.clientId);
    const hidden = heard(watching, 'presence', ({ userId }) => userId === blocker.userId);
    await call(sockets.get(blocker)!, 'block:add', { userId: blocked.userId });
    assert.deepEqual(await hidden, { userId: blocker.userId, online: false, lastSeenAt: null });
  });

  it('ends the link, which looks like any other unlink to the blocked user', async () => {
    const [ann, bo] = [await stack.people.create(), await stack.people.create()];
    const mine = await stack.connections.open(here.url, ann);
    const theirs = await stack.connections.open(there.url, bo);
    const { linkCode } = (await call(mine, 'link:create')) as { linkCode: string };
    await call(theirs, 'link:confirm', { linkCode });
    const ended = heard(theirs, 'partner', ({ type }) => type === 'PARTNER_UNLINKED');
    await call(mine, 'block:add', { userId: bo.userId });
    assert.deepEqual(Object.keys(await ended).sort(), ['partnerId', 'timestamp', 'type']);
    const answer = await ask(theirs, 'partner:get', {});
    assert.equal(!answer.ok && answer.error.code, 'not_found');
  });

  it('is sent to all devices of the blocker, and to no other user', async () => {
    const [ann, bo] = [await stack.people.create(), await stack.people.create()];
    const [phone, laptop, theirs] = [
      await stack.connections.open(here.url, ann),
      await stack.connections.open(there.url, ann),
      await stack.connections.open(there.url, bo),
    ];
    const strays = collected(theirs, 'block');
    for (const blocked of [true, false]) {
      const received = [phone, laptop].map((socket) => heard(socket, 'block'));
      await call(phone, blocked ? 'block:add' : 'block:remove', { userId: bo.userId });
      for (const payload of await Promise.all(received)) {
        assert.deepEqual(payload, { userId: bo.userId, blocked });
      }
    }
    await call(theirs, 'status:get');
    assert.deepEqual(strays, []);
  });

  it('is listed with the latest first, and refused for an unknown user or oneself', async () => {
    const [ann, bo, cleo] = await Promise.all([1, 2, 3].map(() => stack.people.create()));
    const put = (userId: string) =>
      request(`${here.url}/blocks/${userId}`, { method: 'PUT', as: ann! });
    for (const { userId } of [bo!, cleo!, bo!]) assert.equal((await put(userId)).status, 204);
    const { body } = await request(`${there.url}/blocks`, { as: ann! });
    const { blocks } = body as { blocks: { userId: string }[] };
    assert.deepEqual(
      blocks.map(({ userId }) => userId),
      [cleo!.userId, bo!.userId],
    );
    assert.equal((await put(newId())).status, 404);
    assert.equal((await put(ann!.userId)).status, 400);
  });

  it('is tested with every operation of the contract', () => {
    assert.deepEqual(Object.keys(crossedOperations).sort(), Object.keys(operations).sort());
  });
});
