import assert from 'node:assert/strict';

import { HashQueue } from '../src/accounts/hash-queue.ts';
import { AuthService, PASSWORD, assertRefused } from './support/auth-service.ts';

/** Tasks that run until the test ends them. */
function heldTasks(queue: HashQueue) {
  const enders: (() => void)[] = [];
  const start = (address: string) =>
    queue.run(address, () => new Promise<string>((resolve) => enders.push(() => resolve(address))));
  return { enders, start };
}

const busy = { code: 'unavailable', retryAfterMs: 1_000 };

describe('the queue of password hashes', () => {
  it('runs up to the configured number at the same time', async () => {
    const queue = new HashQueue({ concurrency: 2 });
    const { enders, start } = heldTasks(queue);
    const tasks = ['a', 'b', 'c'].map(start);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(enders.length, 2);
    assert.equal(queue.depth, 3);
    enders[0]?.();
    assert.equal(await tasks[0], 'a');
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(enders.length, 3);
    for (const end of enders) end();
    assert.deepEqual(await Promise.all(tasks), ['a', 'b', 'c']);
    assert.equal(queue.depth, 0);
  });

  it('lets 64 wait in addition to those that run, and refuses the next', async () => {
    const queue = new HashQueue({ concurrency: 1 });
    const { enders, start } = heldTasks(queue);
    const tasks = Array.from({ length: 65 }, (_, index) => start(`address-${index}`));
    await assert.rejects(start('one more'), busy);
    assert.equal(queue.depth, 65);
    const left = new Set(tasks);
    for (const task of tasks) void task.then(() => left.delete(task));
    while (left.size > 0) {
      enders.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(queue.depth, 0);
  });

  it('counts the addresses of an IPv6 network together', async () => {
    const queue = new HashQueue({ concurrency: 1 });
    const { enders, start } = heldTasks(queue);
    const tasks = ['1', '2', '3', '4'].map((host) => start(`2001:db8:1:2::${host}`));
    await assert.rejects(start('2001:db8:1:2::5'), busy);
    tasks.push(start('2001:db8:1:3::1'));
    const ended = Promise.all(tasks);
    while (queue.depth > 0) {
      enders.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await ended;
  });

  it('counts all forms of an IPv4 address together', async () => {
    const queue = new HashQueue({ concurrency: 1 });
    const { enders, start } = heldTasks(queue);
    const forms = ['192.0.2.1', '::ffff:192.0.2.1', '::FFFF:c000:201', '192.0.2.1:50001'];
    const tasks = forms.map((form) => start(form));
    await assert.rejects(start('[::ffff:192.0.2.1]:443'), busy);
    tasks.push(start('::ffff:192.0.2.2'));
    const ended = Promise.all(tasks);
    while (queue.depth > 0) {
      enders.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await ended;
  });

  it('lets four of one address wait or run, whether they succeed or fail', async () => {
    const queue = new HashQueue({ concurrency: 1 });
    const failures = Array.from({ length: 4 }, () =>
      queue.run('a', () => Promise.reject(new Error('failed'))),
    );
    await assert.rejects(
      queue.run('a', () => Promise.resolve()),
      busy,
    );
    await queue.run('b', () => Promise.resolve());
    for (const failure of failures) await assert.rejects(failure, /failed/);
    await queue.run('a', () => Promise.resolve());
  });

  it('runs the first task of an address before the others of a flood', async () => {
    const queue = new HashQueue({ concurrency: 1 });
    const order: string[] = [];
    const note = (address: string) =>
      queue.run(address, () => Promise.resolve(order.push(address)));
    await Promise.all(['a', 'a', 'a', 'a', 'b', 'b', 'c'].map(note));
    assert.deepEqual(order, ['a', 'b', 'c', 'a', 'b', 'a', 'a']);
  });

  it('keeps the order of arrival between addresses with one task each', async () => {
    const queue = new HashQueue({ concurrency: 1 });
    const order: string[] = [];
    const all = ['d', 'b', 'c', 'a'];
    await Promise.all(all.map((each) => queue.run(each, () => Promise.resolve(order.push(each)))));
    assert.deepEqual(order, all);
  });

  it('closes once nothing runs', async () => {
    const queue = new HashQueue({ concurrency: 1 });
    const { enders, start } = heldTasks(queue);
    const task = start('a');
    await new Promise((resolve) => setImmediate(resolve));
    let closed = false;
    const closing = queue.close().then(() => (closed = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(closed, false);
    enders[0]?.();
    await Promise.all([task, closing]);
  });
});

describe('a flood of logins', () => {
  let auth: AuthService;
  beforeEach(async () => {
    auth = await AuthService.start();
    await auth.register('alice');
  });
  afterEach(() => auth.drop());

  it('from one address is refused beyond four, counts no guesses, and does not delay others', async () => {
    const from = '192.0.2.66';
    auth.hasher.hold();
    let refused = 0;
    const flood = Array.from({ length: 9 }, async () => {
      const answer = await auth.login('alice', 'wrong password', from);
      refused += answer.status === 503 ? 1 : 0;
      return answer;
    });
    await auth.reached(() => refused === 5);
    const owner = auth.login('alice', PASSWORD);
    auth.hasher.release();
    assert.equal((await owner).status, 200);
    const answers = await Promise.all(flood);
    for (const answer of answers.filter(({ status }) => status === 503)) {
      assertRefused(answer as never, 'unavailable');
      assert.equal(answer.headers.get('retry-after'), '1');
    }
    // Four guesses were made: six of ten are left.
    for (let guess = 0; guess < 6; guess += 1) {
      assert.equal((await auth.login('alice', 'wrong password', from)).status, 401);
    }
    assert.equal((await auth.login('alice', 'wrong password', from)).status, 429);
  });

  it('does not delay other operations', async () => {
    const { sessionToken: token } = await auth.register('bob');
    auth.hasher.hold();
    const logins = ['1', '2', '3'].map((n) => auth.login('alice', PASSWORD, `192.0.2.${n}`));
    await auth.reached(() => auth.hasher.verified.length > 0);
    assert.equal((await auth.call('GET', '/me', { token })).status, 200);
    assert.ok((await auth.metric('parley_hash_queue_depth')) >= 1);
    auth.hasher.release();
    for (const login of logins) assert.equal((await login).status, 200);
  });
});
