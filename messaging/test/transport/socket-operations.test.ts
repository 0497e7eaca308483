import assert from 'node:assert/strict';
import { REQUEST_PATIENCE } from '@parley/backend-common';
import { silentLogger } from '@parley/backend-common/testing';
import { AppError } from '@parley/common';

import type { ClientSocket } from '../../src/transport/server/socket.ts';
import { SocketOperations } from '../../src/transport/server/socket-operations.ts';
import { receiveByMiddleware } from '../../src/transport/tuning/direct-events.ts';
import { fakeSocket } from '../support/fake-socket.ts';

type Run = (name: string, input: unknown) => Promise<unknown>;

/** A served socket: what it sends is handled as if it had come over the wire. */
function served(run: Run): {
  operations: SocketOperations;
  socket: ClientSocket;
  send: (...event: unknown[]) => void;
} {
  const operations = new SocketOperations({
    dispatcher: { run, operations: new Map([['slow:check', { longRunning: true }]]) },
    receive: receiveByMiddleware,
    logger: silentLogger(),
  });
  const middlewares: ((event: unknown[], next: () => void) => void)[] = [];
  const socket = {
    ...fakeSocket({ userId: 'u', sessionId: 's', expiresAt: 1 }),
    use: (middleware: (typeof middlewares)[number]) => middlewares.push(middleware),
  };
  operations.serve(socket as unknown as ClientSocket);
  const next = () => assert.fail('the event went on to listeners');
  return {
    operations,
    socket: socket as unknown as ClientSocket,
    send: (...event) => {
      for (const middleware of middlewares) middleware(event, next);
    },
  };
}

const acknowledged = () => {
  let tell: (answer: unknown) => void = () => undefined;
  const answer = new Promise((resolve) => (tell = resolve));
  return { answer, ack: (given: unknown) => tell(given) };
};

describe('an operation of a socket', () => {
  it('calls its handler synchronously, so that the order is kept', () => {
    const started: unknown[] = [];
    const { send } = served((_name, input) => {
      started.push(input);
      return Promise.resolve();
    });
    for (let index = 0; index < 10; index += 1) send('op', { index });
    assert.deepEqual(
      started,
      Array.from({ length: 10 }, (_, index) => ({ index })),
    );
  });

  it('answers with the result of the handler', async () => {
    const { answer, ack } = acknowledged();
    served(() => Promise.resolve({ some: 'data' })).send('op', {}, ack);
    assert.deepEqual(await answer, { ok: true, data: { some: 'data' } });
  });

  it('answers with the code of a refusal', async () => {
    const { answer, ack } = acknowledged();
    const refused = new AppError('rate_limited', 'Wait', { retryAfterMs: 7 });
    served(() => Promise.reject(refused)).send('op', {}, ack);
    assert.deepEqual(await answer, {
      ok: false,
      error: { code: 'rate_limited', message: 'Wait', retryable: true, retryAfterMs: 7 },
    });
  });

  it('answers internal to unexpected errors, without their details', async () => {
    const faults: Run[] = [
      () => Promise.reject(new Error('the secret is 42')),
      () => {
        throw new TypeError('the secret is 42');
      },
    ];
    for (const run of faults) {
      const { answer, ack } = acknowledged();
      served(run).send('op', {}, ack);
      const given = await answer;
      assert.equal((given as { error: AppError }).error.code, 'internal');
      assert.equal(JSON.stringify(given).includes('42'), false);
    }
  });

  it('is answered unavailable when it takes too long, whatever it waits for, and only once', async () => {
    const finish: (() => void)[] = [];
    const { operations, send, socket } = served(
      () => new Promise<void>((resolve) => finish.push(resolve)),
    );
    const answers: unknown[] = [];
    const sentAt = performance.now();
    operations.deadline.endOverdue(sentAt);
    send('op', {}, (answer: unknown) => answers.push(answer));
    operations.deadline.endOverdue(sentAt + REQUEST_PATIENCE - 1);
    assert.deepEqual(answers, []);
    operations.deadline.endOverdue(performance.now() + REQUEST_PATIENCE);
    const message = 'The request takes too long; repeat it';
    const unavailable = { ok: false, error: { code: 'unavailable', message, retryable: true } };
    assert.deepEqual(answers, [unavailable]);
    // It continues: a stop waits for it as before.
    const idle = operations.idle(socket, 60_000);
    finish[0]?.();
    await idle;
    operations.deadline.endOverdue(performance.now() + 2 * REQUEST_PATIENCE);
    assert.deepEqual(answers, [unavailable]);
  });

  it('is not answered again when its failure comes after the answer, nor by the deadline after its answer', async () => {
    const { answer, ack } = acknowledged();
    const late: unknown[] = [];
    let fail: (error: Error) => void = () => undefined;
    const { operations, send, socket } = served((name) =>
      name === 'quick' ? Promise.resolve({}) : new Promise((_, reject) => (fail = reject)),
    );
    send('slow', {}, (given: unknown) => late.push(given));
    send('quick', {}, ack);
    assert.deepEqual(await answer, { ok: true, data: {} });
    operations.deadline.endOverdue(performance.now() + REQUEST_PATIENCE);
    const idle = operations.idle(socket, 60_000);
    fail(new AppError('unavailable', 'MongoDB is away'));
    await idle;
    assert.equal(late.length, 1);
  });

  it('leaves the others their time, whichever of them ends first', () => {
    const { operations, send } = served(() => new Promise<void>(() => undefined));
    const overdue: number[] = [];
    const sentAt = Math.ceil(performance.now());
    for (let index = 0; index < 6; index += 1) {
      operations.deadline.endOverdue(sentAt + index);
      send('op', {}, () => overdue.push(index));
    }
    for (const at of [0, 1, 2, 3, 4, 5]) {
      operations.deadline.endOverdue(sentAt + REQUEST_PATIENCE + at);
      assert.deepEqual(overdue, [0, 1, 2, 3, 4, 5].slice(0, at + 1));
    }
  });

  it('is not looked at any more once it is answered, wherever it stands among the others', async () => {
    const finish: (() => void)[] = [];
    const { operations, send } = served(() => new Promise<void>((resolve) => finish.push(resolve)));
    const answers: string[] = [];
    const answer = (index: number) => (given: unknown) =>
      answers.push(`${index} ${(given as { ok: boolean }).ok ? 'in time' : 'overdue'}`);
    for (let index = 0; index < 5; index += 1) send('op', {}, answer(index));
    for (const index of [2, 0, 4]) finish[index]?.();
    await new Promise((resolve) => setImmediate(resolve));
    send('op', {}, answer(5));
    operations.deadline.endOverdue(performance.now() + REQUEST_PATIENCE);
    const inTime = ['2 in time', '0 in time', '4 in time'];
    assert.deepEqual(answers, [...inTime, '1 overdue', '3 overdue', '5 overdue']);
  });

  it('may take longer where the contract says so', async () => {
    let finish: (output: object) => void = () => undefined;
    const { operations, send } = served(() => new Promise((resolve) => (finish = resolve)));
    const { answer, ack } = acknowledged();
    send('slow:check', {}, ack);
    operations.deadline.endOverdue(performance.now() + REQUEST_PATIENCE);
    finish({ state: 'ready' });
    assert.deepEqual(await answer, { ok: true, data: { state: 'ready' } });
  });

  it('counts as in progress until it is answered', async () => {
    let finish: () => void = () => undefined;
    const { operations, send, socket } = served(
      () => new Promise<void>((resolve) => (finish = resolve)),
    );
    await operations.idle(socket, 60_000);
    send('op', {});
    let isIdle = false;
    const idle = operations.idle(socket, 60_000).then(() => (isIdle = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isIdle, false);
    finish();
    await idle;
  });

  it('does not delay a stop for longer than the timeout', async () => {
    const { operations, send, socket } = served(() => new Promise(() => undefined));
    send('op', {});
    await operations.idle(socket, 1);
  });

  it('is dropped once its socket is stopped', () => {
    let count = 0;
    const { operations, send, socket } = served(() => Promise.resolve((count += 1)));
    send('op', {});
    operations.stop(socket);
    send('op', {}, () => assert.fail('it was answered'));
    assert.equal(count, 1);
  });
});
