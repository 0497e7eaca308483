import assert from 'node:assert/strict';

import type { OrderedDelivery } from '../../src/delivery/ordered-delivery.ts';
import type { DeliverySocket } from '../../src/delivery/ports.ts';
import { RoomFiller } from '../../src/delivery/room-filler.ts';
import { UserRooms } from '../../src/delivery/user-rooms.ts';

const MANY = 5_000;
/** Conversations that may be worked on in one turn of the event loop: the end of one part and the begin of the next. */
const A_TURN = 1_000;

/** A socket of `ann`, who belongs to `count` conversations. Counts what is done for them in each turn. */
function filling(count: number, former: readonly string[] = []) {
  const ids = Array.from({ length: count }, (_, at) => `c${at}`);
  const userRooms = new UserRooms(() => 0);
  const socket = {
    connected: true,
    id: 's',
    data: { caller: { userId: 'ann' }, mode: 'heads' },
  } as unknown as DeliverySocket;
  userRooms.attach(socket);
  let [inTurn, most, turns, isOver] = [0, 0, 0, false];
  const turn = () => {
    [most, inTurn] = [Math.max(most, inTurn), 0];
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  const work = <Result>(result: Result, steps = 1): Result => {
    inTurn += steps;
    return result;
  };
  const gone = new Set(former);
  const unverified = new Set<string>();
  let reads = 0;
  const filler = new RoomFiller({
    userRooms,
    deliveries: {
      // Everything is open already, so that nothing waits for the database.
      ensure: (some) => work(Promise.resolve(), some.length),
      get: (id) =>
        work({
          isVerified: !unverified.has(id),
          former: new Set(gone.has(id) ? ['ann'] : []),
        } as unknown as OrderedDelivery),
    },
    rooms: {
      conversationIdsOf: () => {
        reads += 1;
        return Promise.resolve(ids);
      },
    },
  });
  return {
    ...{ socket, unverified, userRooms },
    reads: () => reads,
    fill: async () => {
      setImmediate(turn);
      const unchecked = await filler.fill(socket);
      isOver = true;
      return { unchecked, most: Math.max(most, inTurn), turns };
    },
  };
}

describe('the first connection of a user to a node', () => {
  it(`leaves turns to the others while it finds ${MANY} conversations`, async () => {
    const { fill, userRooms } = filling(MANY);
    const { most, turns, unchecked } = await fill();
    assert.ok(most > 0 && most <= A_TURN, `${most} in one turn`);
    assert.ok(turns >= (2 * MANY) / A_TURN);
    assert.deepEqual(unchecked, []);
    assert.equal(userRooms.conversationsOf('ann').size, MANY);
    assert.equal(userRooms.isComplete('ann'), true);
  });

  it('does without waiting for few conversations', async () => {
    const { fill, userRooms } = filling(10);
    assert.deepEqual((await fill()).turns, 0);
    assert.equal(userRooms.conversationsOf('ann').size, 10);
  });

  it('reads the memberships once if there are none, and again when one is added meanwhile', async () => {
    const { fill, reads, userRooms } = filling(0);
    assert.deepEqual((await fill()).unchecked, []);
    assert.equal(userRooms.isComplete('ann'), true);
    assert.equal(reads(), 1);
    userRooms.invalidateUser('ann');
    const filled = fill();
    userRooms.invalidateUser('ann');
    await filled;
    assert.equal(reads(), 3);
  });

  it('ends when the user has left in the middle', async () => {
    const { fill, socket, userRooms } = filling(MANY);
    setImmediate(() => {
      (socket as { connected: boolean }).connected = false;
      userRooms.detach(socket);
    });
    const { turns } = await fill();
    assert.ok(turns < 5);
    assert.equal(userRooms.conversationsOf('ann').size, 0);
  });

  it('does not bring a user back into what it has left meanwhile', async () => {
    const { fill, userRooms } = filling(MANY, ['c7', 'c4321']);
    await fill();
    const present = userRooms.conversationsOf('ann');
    assert.deepEqual(
      [present.has('c7'), present.has('c4321'), present.has('c8')],
      [false, false, true],
    );
  });

  it('looks again when entries of what it has added already were skipped meanwhile', async () => {
    const { fill, unverified, userRooms } = filling(MANY);
    const skip = () => {
      if (!userRooms.conversationsOf('ann').has('c7')) setImmediate(skip);
      else {
        assert.ok(userRooms.conversationsOf('ann').size < MANY);
        unverified.add('c7');
        userRooms.invalidateMembers('c7');
      }
    };
    setImmediate(skip);
    assert.deepEqual((await fill()).unchecked, ['c7']);
    assert.equal(userRooms.isComplete('ann'), false);
  });

  it('finds all conversations of a user that left and came back while they were added', async () => {
    const { fill, socket, userRooms } = filling(MANY);
    const comeBack = () => {
      if (userRooms.conversationsOf('ann').size === 0) setImmediate(comeBack);
      else {
        userRooms.detach(socket);
        userRooms.attach(socket);
      }
    };
    setImmediate(comeBack);
    await fill();
    assert.equal(userRooms.conversationsOf('ann').size, MANY);
  });

  it('does not trust what is known from before and is not stored any more', async () => {
    const { fill, socket, userRooms } = filling(10);
    userRooms.enter(socket, 'left');
    assert.deepEqual((await fill()).unchecked, ['left']);
  });
});
