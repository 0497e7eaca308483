import type { TestMongo } from '@parley/backend-common/testing';

import { LogLagRepository } from '../../src/conversations/log-lag-repository.ts';
import { PositionStream } from '../../src/delivery/change-stream/position-stream-repository.ts';
import { Delivery } from '../../src/delivery/delivery.ts';
import type { EntryEvents, PlainSockets } from '../../src/delivery/ports.ts';
import { RoomRepository } from '../../src/delivery/room-repository.ts';
import { UserRooms } from '../../src/delivery/user-rooms.ts';
import type { ConversationLogDeps } from '../../src/log/node-log.ts';
import { createTimers, type Timers } from '../../src/log/timers.ts';
import { FakeDeliverySocket, fakeLocalSockets } from './delivery-socket.ts';
import { testLog, type TestLog } from './test-log.ts';

/** Plain clients that are always live. */
const ALWAYS_LIVE: PlainSockets = {
  begin: () => undefined,
  admit: () => true,
  restart: () => undefined,
  forget: () => undefined,
  end: () => undefined,
};
/** A node that hears nothing from others and that nobody hears. */
const DEAF: EntryEvents = { publish: () => undefined, subscribe: () => undefined };

/** A node: its log, its delivery and its sockets. */
export class DeliveryNode {
  readonly sockets: FakeDeliverySocket[] = [];
  readonly node: TestLog;
  readonly delivery: Delivery;
  readonly rooms = new UserRooms(() => performance.now());
  readonly timers: Timers = createTimers();
  /** How a conversation is shown to somebody who comes in. */
  present: () => Promise<never> = () => Promise.reject(new Error('Not shown in this test'));
  /** Runs before the memberships of users are answered that were read. */
  afterMemberships: () => Promise<void> = () => Promise.resolve();

  constructor(
    mongo: Pick<TestMongo, 'db'>,
    clusterEvents: EntryEvents = DEAF,
    overrides: Partial<ConversationLogDeps> = {},
  ) {
    this.node = testLog(mongo, overrides);
    const rooms = new RoomRepository(mongo.db);
    const lag = new LogLagRepository(mongo.db);
    this.delivery = new Delivery({
      sockets: fakeLocalSockets(this.sockets, this.rooms),
      clusterEvents,
      log: this.node.log,
      entries: this.node.entries,
      rooms: {
        conversationIdsOf: async (userIds) => {
          const found = await rooms.conversationIdsOf(userIds);
          await this.afterMemberships();
          return found;
        },
      },
      openPositions: () => PositionStream.open(mongo.db),
      membersBehind: async (ids) =>
        lag.membersBehind(await this.node.conversations.projectedThrough(ids)),
      presenter: { present: () => this.present() },
      plain: ALWAYS_LIVE,
      timers: this.timers,
      monotonic: () => performance.now(),
      reportFault: () => undefined,
    });
    this.node.log.subscribe((committed) => this.delivery.committed(committed));
    this.delivery.start();
  }

  async listen(userId: string, mode: 'heads' | 'plain' = 'heads'): Promise<FakeDeliverySocket> {
    const listener = new FakeDeliverySocket(userId, mode);
    this.sockets.push(listener);
    this.delivery.attach(listener);
    await this.delivery.joined(listener.id);
    return listener;
  }

  async close(): Promise<void> {
    await this.delivery.stop();
    await this.node.log.close();
    this.timers.clear();
  }
}
