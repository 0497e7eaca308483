import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { recordingLogger } from '@parley/backend-common/testing';
import type { Socket } from 'socket.io-client';

import { eventOf } from '../support/connections.ts';
import { request } from '../support/http.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

interface Sequenced {
  readonly seq: number;
}

/** A plain client that acknowledges everything, and keeps what each of its connections got, in order. */
class Reader {
  readonly connections: number[][] = [];
  #socket: Socket | undefined;
  readonly #open: () => Socket;

  constructor(open: () => Socket) {
    this.#open = open;
  }

  /** Opens a connection in place of the one before. Resolves when it is accepted; a retryable refusal is retried. */
  async connect(): Promise<void> {
    this.#socket?.disconnect();
    const socket = this.#open();
    this.#socket = socket;
    const got: number[] = [];
    this.connections.push(got);
    socket.on('entry', ({ seq }: Sequenced) => {
      got.push(seq);
    });
    socket.on('sync:page', (page: { entries: Sequenced[] }, acknowledge: () => void) => {
      got.push(...page.entries.map(({ seq }) => seq));
      acknowledge();
    });
    socket.on('connect_error', () => void socket.connect());
    await eventOf(socket, 'ready');
  }

  get all(): Set<number> {
    return new Set(this.connections.flat());
  }
}

describe('an election of the database', function () {
  this.timeout(60_000);
  const READERS = 12;
  let stack: TestStack;
  let node: RunningService;
  const { lines, logger } = recordingLogger();

  before(async () => {
    stack = await TestStack.create();
    node = await stack.node({ PARLEY_RATE_LIMITS: 'off' }, { logger });
  });
  afterEach(() => elect());
  after(() => stack.close());

  const admin = (command: Record<string, unknown>) =>
    stack.mongo.client.db('admin').command(command, { readPreference: 'secondaryPreferred' });
  /** The only member becomes a secondary. */
  const stepDown = () => admin({ replSetStepDown: 60, force: true });
  /** It may become the primary again, which it does at once. */
  const elect = async () => {
    await admin({ replSetFreeze: 0 }).catch(() => undefined);
    await until(async () => (await admin({ hello: 1 }))['isWritablePrimary'] === true);
  };
  /** Sends a message as often as needed, as a client does. */
  const send = async (ann: Person, conversationId: string, clientId: string): Promise<void> => {
    const path = `${node.url}/conversations/${conversationId}/messages`;
    await until(async () => {
      const body = { clientId, text: 'Hello' };
      return (await request(path, { method: 'POST', as: ann, body })).status < 300;
    });
  };

  it('keeps no entry from plain clients that connect while it lasts', async () => {
    const ann = await stack.people.create();
    const people = await Promise.all(Array.from({ length: READERS }, () => stack.people.create()));
    const conversationId = await stack.group(node.url, [ann, ...people]);
    const readers = people.map(
      ({ token }) => new Reader(() => stack.connections.prepare(node.url, { token })),
    );
    await Promise.all(readers.map((reader) => reader.connect()));
    await send(ann, conversationId, 'before');
    await until(() => readers.every(({ all }) => all.has(2)));
    await stepDown();
    const sending = Array.from({ length: 20 }, (_, index) =>
      send(ann, conversationId, `during-${index}`),
    );
    await Promise.all(readers.map((reader) => reader.connect()));
    await until(() => lines.some((line) => line.includes('"replay_preparation_failed"')));
    await elect();
    await Promise.all(sending);
    await send(ann, conversationId, 'after');
    await until(() => readers.every(({ all }) => all.size === 23));
    for (const { connections } of readers) {
      for (const got of connections) {
        assert.deepEqual(
          got,
          got.map((_, index) => (got[0] ?? 0) + index),
        );
      }
    }
  });
});
