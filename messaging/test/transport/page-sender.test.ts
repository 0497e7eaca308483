import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';

import type { SocketServer } from '../../src/transport/server/socket.ts';
import { pageSender } from '../../src/transport/rooms/page-sender.ts';
import { parsedPage } from '../../src/transport/tuning/packet-parser.ts';
import { FakeDeliverySocket } from '../support/delivery-socket.ts';
import { until } from '../support/until.ts';

const page = { conversationId: 'c', entries: '[]', hasMore: false };

/** A connection that remembers what is sent to it, and whose network takes bytes when the test says so. */
class Connection extends EventEmitter {
  readonly network = { writableLength: 0, checks: 0 };
  readonly sent: { readonly payload: unknown; readonly acknowledge: () => void }[] = [];
  readonly conn = {
    request: {
      socket: Object.defineProperty({}, 'writableLength', {
        get: () => {
          this.network.checks += 1;
          return this.network.writableLength;
        },
      }),
    },
  };

  override emit(name: string, ...given: unknown[]): boolean {
    if (name !== 'sync:page') return super.emit(name, ...given);
    const [payload, acknowledge] = given as [unknown, () => void];
    this.sent.push({ payload, acknowledge });
    return true;
  }
}

describe('a page of a replay', () => {
  const socket = new FakeDeliverySocket('ann', 'plain');
  let connection: Connection;
  const send = (patience: number) => {
    const sockets = new Map([[socket.id, connection]]);
    const io = { sockets: { sockets } } as unknown as SocketServer;
    return pageSender(io, { pagePayload: parsedPage }).send(socket, page, patience);
  };
  beforeEach(() => {
    connection = new Connection();
  });
  afterEach(() => assert.equal(connection.listenerCount('disconnect'), 0));

  it('is acknowledged by the client', async () => {
    const receipt = send(60_000);
    assert.deepEqual(connection.sent[0]!.payload, { ...page, entries: [] });
    connection.sent[0]!.acknowledge();
    assert.equal(await receipt, 'acknowledged');
  });

  it('is unacknowledged when the time for it is over, and a late acknowledgement changes nothing', async () => {
    const receipt = send(1);
    assert.equal(await receipt, 'unacknowledged');
    connection.sent[0]!.acknowledge();
  });

  it('is waited for while the network does not take it', async () => {
    connection.network.writableLength = 1;
    let isOver = false;
    const receipt = send(1).then((outcome) => {
      isOver = true;
      return outcome;
    });
    await until(() => connection.network.checks > 1);
    assert.equal(isOver, false);
    connection.network.writableLength = 0;
    assert.equal(await receipt, 'unacknowledged');
  });

  it('ends with the connection', async () => {
    const receipt = send(60_000);
    connection.emit('disconnect');
    assert.equal(await receipt, 'disconnected');
  });
});
