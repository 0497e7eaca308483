import assert from 'node:assert/strict';
import { LIMITS, MINUTE } from '@parley/common';
import fc from 'fast-check';

import { RoomFiller } from '../../src/delivery/room-filler.ts';
import { UserRooms } from '../../src/delivery/user-rooms.ts';
import { deferred } from '../support/deferred.ts';
import { FakeDeliverySocket } from '../support/delivery-socket.ts';

describe('the rooms of users', () => {
  let now = 0;
  let rooms: UserRooms;
  beforeEach(() => {
    now = 0;
    rooms = new UserRooms(() => now);
  });

  const socketOf = (userId: string) => {
    const socket = new FakeDeliverySocket(userId);
    rooms.attach(socket);
    return socket;
  };
  /** A user whose only socket has just left. */
  const leave = (userId: string, memberships: number) => {
    const socket = socketOf(userId);
    rooms.add(
      userId,
      Array.from({ length: memberships }, (_, index) => `${userId}-${index}`),
    );
    rooms.complete(userId);
    rooms.detach(socket);
  };

  it('have each socket in the same rooms as a list of rooms for each socket would', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const step = fc.record({
      act: fc.constantFrom('enter', 'leave', 'enterAll', 'forget', 'add'),
      socket: fc.nat(2),
      id: fc.constantFrom(...ids),
      except: fc.subarray(ids),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        rooms = new UserRooms(() => 0);
        const sockets = [socketOf('ann'), socketOf('ann'), socketOf('ben')];
        const expected = sockets.map(() => new Set<string>());
        const known = new Map<string, Set<string>>([
          ['ann', new Set()],
          ['ben', new Set()],
        ]);
        const hasEnteredAll = new Set<number>();
        for (const { act, except, id, socket: index } of steps) {
          const socket = sockets[index]!;
          const { userId } = socket.data.caller;
          const inside = expected[index]!;
          if (act === 'enter') {
            rooms.enter(socket, id);
            known.get(userId)!.add(id);
            inside.add(id);
          } else if (act === 'leave') {
            rooms.leave(socket, id);
            inside.delete(id);
          } else if (act === 'add') {
            rooms.add(userId, [id]);
            known.get(userId)!.add(id);
          } else if (act === 'forget') {
            rooms.forget(userId, id, 1);
            known.get(userId)!.delete(id);
            for (const [at, each] of sockets.entries())
              if (each.data.caller.userId === userId) expected[at]!.delete(id);
          } else {
            rooms.enterAll(socket, except);
            if (hasEnteredAll.has(index)) continue;
            hasEnteredAll.add(index);
            for (const each of known.get(userId)!) if (!except.includes(each)) inside.add(each);
          }
        }
        for (const [index, socket] of sockets.entries()) {
          const inside = ids.filter((id) => rooms.isIn(socket, id));
          assert.deepEqual(inside, [...expected[index]!].sort());
          const all = [...known.get(socket.data.caller.userId)!];
          const outside = all.filter((id) => !inside.includes(id));
          assert.deepEqual([...rooms.outside(socket)].sort(), outside.sort());
          for (const id of ids)
            assert.equal(rooms.socketsIn(id).includes(socket), inside.includes(id));
        }
      }),
    );
  });

  it('are compared in slices, each user once in a round although others come and go', () => {
    const sockets = Array.from({ length: 90 }, (_, index) => socketOf(`u${index}`));
    const seen: string[] = [];
    for (let slice = 0; slice < 15; slice += 1) {
      rooms.detach(sockets[slice]!);
      socketOf(`new-${slice}`);
      const users = rooms.connectedUserIds(slice, 15);
      assert.ok(users.length >= 4 && users.length <= 8, `${users.length} in slice ${slice}`);
      seen.push(...users.filter((userId) => userId.startsWith('u')));
    }
    assert.equal(new Set(seen).size, seen.length);
    const staying = sockets.slice(15).map(({ data }) => data.caller.userId);
    for (const userId of staying) assert.ok(seen.includes(userId), userId);
    assert.equal(rooms.connectedUserIds().length, 90);
  });

  it('are kept for five minutes after the last socket of a user has closed', () => {
    leave('ann', 3);
    now = 5 * MINUTE;
    rooms.expire();
    assert.ok(rooms.isComplete('ann'));
    assert.equal(rooms.kept, 3);
    now += 1;
    rooms.expire();
    assert.deepEqual([rooms.knows('ann'), rooms.hasUsers('ann-0'), rooms.kept], [false, false, 0]);
  });

  it('are kept for a limited number of memberships, of the users who left last', () => {
    for (let user = 0; user < 30; user += 1) leave(`u${user}`, LIMITS.conversationsPerUser);
    assert.ok(rooms.kept <= 50_000);
    assert.deepEqual([rooms.knows('u0'), rooms.knows('u29')], [false, true]);
  });

  it('remember which conversations a user has left, up to a number', () => {
    socketOf('ann');
    rooms.add('ann', ['a', 'b', 'c']);
    for (const [id, change] of Object.entries({ a: 3, b: 4, c: 5 }))
      rooms.forget('ann', id, change);
    rooms.add('ann', ['c']);
    assert.deepEqual(rooms.leftSince('ann', 2), ['a', 'b']);
    assert.deepEqual(rooms.leftSince('ann', 3), ['b']);
    assert.deepEqual(rooms.leftSince('ann', 5), []);
    assert.equal(rooms.leftSince('ben', 5), undefined);
    for (let change = 6; change < 600; change += 1) {
      rooms.add('ann', [`${change}`]);
      rooms.forget('ann', `${change}`, change);
    }
    assert.equal(rooms.leftSince('ann', 5), undefined);
    assert.deepEqual(rooms.leftSince('ann', 597), ['598', '599']);
  });

  it('are forgotten when it is not certain any more that they are complete', () => {
    leave('ann', 1);
    leave('ben', 1);
    rooms.invalidateMembers('ann-0');
    assert.deepEqual([rooms.knows('ann'), rooms.knows('ben')], [false, true]);
    rooms.forgetKept();
    assert.equal(rooms.kept, 0);
  });

  it('remember a limited number of sessions, in which new conversations count as not received', () => {
    const socket = socketOf('ann');
    for (let index = 0; index <= LIMITS.sessionsPerUser; index += 1) {
      rooms.noteCompared('ann', `s${index}`, { changes: 1, behind: new Set() });
    }
    assert.equal(rooms.compared('ann', 's0'), undefined);
    rooms.enter(socket, 'new');
    assert.deepEqual(rooms.compared('ann', 's1')?.behind, new Set(['new']));
  });
});

describe('finding the rooms of a user', () => {
  const MANY = 2_600;
  let rooms: UserRooms;
  let opened: number;
  let reads: number;
  let filler: RoomFiller;
  let onOpen: () => Promise<void>;

  beforeEach(() => {
    rooms = new UserRooms(() => 0);
    [opened, reads] = [0, 0];
    onOpen = () => Promise.resolve();
    filler = new RoomFiller({
      userRooms: rooms,
      deliveries: {
        ensure: async (ids) => {
          await onOpen();
          opened += ids.length;
        },
        get: () => ({ isVerified: true, former: new Set() }) as never,
      },
      rooms: {
        conversationIdsOf: (userId) => {
          reads += 1;
          return Promise.resolve(Array.from({ length: MANY }, (_, index) => `${userId}${index}`));
        },
      },
    });
  });

  const attach = (userId: string) => {
    const socket = new FakeDeliverySocket(userId);
    rooms.attach(socket);
    return socket;
  };
  const leave = (socket: FakeDeliverySocket) => {
    socket.connected = false;
    rooms.detach(socket);
  };

  it('is done once for all sockets of a user', async () => {
    const sockets = Array.from({ length: 20 }, () => attach('ann'));
    await Promise.all(sockets.map((socket) => filler.fill(socket)));
    assert.deepEqual([reads, opened], [2, MANY]);
    assert.equal(rooms.conversationsOf('ann').size, MANY);
    await filler.fill(attach('ann'));
    assert.equal(reads, 2);
  });

  it('ends when the user has left, and goes on when the user is back', async () => {
    const phone = attach('ann');
    const blocked = deferred();
    onOpen = () => blocked.promise;
    const filling = filler.fill(phone);
    await new Promise((resolve) => setImmediate(resolve));
    leave(phone);
    blocked.resolve();
    await filling;
    assert.ok(opened < MANY, `${opened} conversations were opened for nobody`);
    assert.ok(!rooms.knows('ann'));
    await filler.fill(attach('ann'));
    assert.ok(rooms.isComplete('ann'));
  });

  it('is done for one user with many conversations at a time', async () => {
    let [running, most] = [0, 0];
    onOpen = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    const people = Array.from({ length: 5 }, (_, index) => attach(`u${index}`));
    await Promise.all(people.map((socket) => filler.fill(socket)));
    assert.equal(most, 1);
    assert.equal(opened, 5 * MANY);
  });
});
