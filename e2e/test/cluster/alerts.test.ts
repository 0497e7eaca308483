import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { objectStoreVariables, testObjectStoreSettings } from '@parley/backend-common/testing';
import { FcmStandIn } from '@parley/dev';

import { checkMetrics, Prometheus, shippedAlerts } from '../support/alerts/prometheus.ts';
import { Link } from '../support/links/link.ts';
import { fetchWithin } from '../support/patience.ts';
import { call, PlainClient, register, type Account } from '../support/plain-client.ts';
import { testStack, type TestStack } from '../support/stack.ts';

const POLL_MS = 250;
const WITHIN_MS = 180_000;
const PRELOAD = new URL('../support/alerts/overload-preload.js', import.meta.url).href;
const OFFLINE = 4;
/** Enough to fill the queue of a node beyond its threshold while nothing is written. */
const BURST = 2_000;

/** Every alert is caused by its fault in a running stack, fires, and clears when the fault is over. */
describe('the alerts, with a Prometheus that scrapes a running stack', function () {
  this.timeout(600_000);
  let folder: string;
  let fcm: FcmStandIn;
  let store: Link;
  let parley: TestStack;
  let prometheus: Prometheus;
  let ann: Account;
  let sender: PlainClient;
  let recipient: PlainClient;
  let conversationId: string;
  let attachmentId: string;
  const clients: PlainClient[] = [];
  const phones: string[] = [];
  const offline: string[] = [];
  const isOver = new AbortController();
  let traffic: Promise<void> = Promise.resolve();
  /** Whether Firebase refuses pushes now. */
  let refusesPushes = false;
  let blocksPages = false;

  const partOf = (name: string) => parley.stack.parts().find((part) => part.name === name)!;
  const ask = (path: string, body: object, method = 'POST') =>
    call(parley.origin, { method, path, token: ann.token, body });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-alerts-'));
    fcm = await FcmStandIn.start();
    const settings = testObjectStoreSettings();
    store = await Link.open({ target: Number(new URL(settings.endpoint).port) });
    const push = await fcm.environment(folder);
    parley = await testStack({
      nodes: 2,
      ownMongo: true,
      env: {
        ...push,
        NODE_OPTIONS: `${push['NODE_OPTIONS']} --import ${PRELOAD}`,
        ...objectStoreVariables(settings),
        S3_ENDPOINT: `http://127.0.0.1:${store.port}`,
        // The stack brings a Redis of its own, which can be stopped.
        REDIS_URL: '',
        PARLEY_RATE_LIMITS: 'off',
        PARLEY_PUSH_AFTER: '200',
        PARLEY_LOG_LEVEL: 'info',
      },
    });
    await people();
    const urls = parley.stack.parts().flatMap(({ metricsUrl }) => metricsUrl ?? []);
    prometheus = await Prometheus.start(join(folder, 'prometheus'), urls);
    traffic = run();
  });

  after(async () => {
    isOver.abort();
    await traffic;
    for (const client of clients) client.close();
    await (prometheus as Prometheus | undefined)?.close();
    await (parley as TestStack | undefined)?.close();
    await (store as Link | undefined)?.close();
    await fcm.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Ann on one node, Ben on the other, and some who are away and have phones. */
  async function people(): Promise<void> {
    ann = await register(parley.origin, 'Ann');
    const ben = await register(parley.origin, 'Ben');
    sender = new PlainClient(partOf('messaging-1').url, ann.token);
    recipient = new PlainClient(partOf('messaging-2').url, ben.token);
    clients.push(sender, recipient);
    for (const client of clients) await client.synced();
    conversationId = await directWith(ben);
    for (let number = 0; number < OFFLINE; number += 1) {
      const owner = await register(parley.origin, `Owner${number}`);
      const phone = `phone-${number}`;
      const body = { token: phone, platform: 'android' };
      const path = '/devices/fcm-token';
      await call(parley.origin, { method: 'PUT', path, token: owner.token, body });
      phones.push(phone);
      offline.push(await directWith(owner));
    }
    const file = { name: 'a.txt', contentType: 'text/plain', size: 5 };
    const { body } = await ask('/attachments', { conversationId, ...file });
    attachmentId = (body['attachment'] as { id: string }).id;
  }

  async function directWith({ userId }: Account): Promise<string> {
    const { body } = await ask('/conversations', { kind: 'direct', userId });
    return String(body['id']);
  }

  /** What people do all the time. Nothing of it has to succeed. */
  async function run(): Promise<void> {
    for (let round = 0; !isOver.signal.aborted; round += 1) {
      const clientId = `round-${round}`;
      sender.socket.emit(
        'message:send',
        { conversationId, clientId, text: 'Hello' },
        () => undefined,
      );
      if (round % 4 === 0) void mayFail(push(round));
      if (round % 5 === 0 && blocksPages) void mayFail(report());
      if (round % 10 === 0) {
        void mayFail(ask(`/attachments/${attachmentId}/complete`, {}));
        void mayFail(ask('/auth/login', { username: ann.username, password: 'a wrong password' }));
      }
      await delay(100);
    }
  }

  /** A browser reports that the policy blocked a picture. */
  async function report(): Promise<void> {
    const body = JSON.stringify({ 'csp-report': { 'effective-directive': 'img-src' } });
    await fetchWithin(`${parley.origin}/bff/csp-report`, { method: 'POST', body });
  }

  async function push(round: number): Promise<void> {
    const number = (round / 4) % OFFLINE;
    if (refusesPushes) fcm.answer(phones[number]!, { kind: 'no-permission' });
    const body = { clientId: `push-${round}`, text: 'Hello' };
    await ask(`/conversations/${offline[number]}/messages`, body);
  }

  const mayFail = (attempt: Promise<unknown>) => attempt.catch(() => undefined);

  async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + WITHIN_MS;
    while (!(await holds())) {
      if (performance.now() > deadline) {
        const firing = [...(await prometheus.firing())].join(', ');
        assert.fail(`${what}; firing: ${firing || 'nothing'}`);
      }
      await delay(POLL_MS);
    }
  }

  const fired = new Set<string>();

  async function fire(...names: readonly string[]): Promise<void> {
    const waiting = new Set(names);
    await until(`${names.join(', ')} should fire`, async () => {
      for (const name of await prometheus.firing()) {
        fired.add(name);
        waiting.delete(name);
      }
      return waiting.size === 0;
    });
  }

  const clear = (...names: readonly string[]) =>
    until(`${names.join(', ')} should clear`, async () => {
      const firing = await prometheus.firing();
      return !names.some((name) => firing.has(name));
    });

  it('has metrics of which promtool has nothing to say', async () => {
    const parts = parley.stack.parts().filter(({ metricsUrl }) => metricsUrl !== undefined);
    assert.equal(parts.length, 4);
    for (const { metricsUrl, name } of parts) {
      const exposition = await (await fetchWithin(metricsUrl!)).text();
      assert.equal(await checkMetrics(exposition), '', name);
    }
  });

  it('is quiet while all is well', async () => {
    // eslint-disable-next-line no-restricted-syntax -- Nothing is expected to happen in two evaluations of each rule.
    await delay(5_000);
    assert.deepEqual([...(await prometheus.firing())], []);
  });

  it('fires for an overloaded process, refused pushes, a store that is away and reports of browsers', async () => {
    const { pid } = partOf('auth');
    process.kill(pid, 'SIGUSR2');
    store.break({ cut: true });
    refusesPushes = true;
    blocksPages = true;
    await fire(
      'ParleyEventLoopBusy',
      'ParleyMemoryHigh',
      'ParleyLogNotWritten',
      'ParleyObjectStoreFails',
      'ParleyPushesFail',
      'ParleyPageBlocked',
    );
    blocksPages = false;
    process.kill(pid, 'SIGUSR2');
    store.heal();
    refusesPushes = false;
    await clear(
      'ParleyEventLoopBusy',
      'ParleyMemoryHigh',
      'ParleyObjectStoreFails',
      'ParleyPushesFail',
    );
  });

  it('fires for a node that hangs, and for the messages that it delivers late', async () => {
    const { pid } = partOf('messaging-2');
    process.kill(pid, 'SIGSTOP');
    await fire('ParleyProcessDown');
    process.kill(pid, 'SIGCONT');
    await fire('ParleyDeliverySlow');
    await clear('ParleyProcessDown');
  });

  it('fires while Redis does not answer', async () => {
    const { pid } = partOf('redis');
    process.kill(pid, 'SIGSTOP');
    await fire('ParleyRedisLinkDown');
    process.kill(pid, 'SIGCONT');
    await clear('ParleyRedisLinkDown');
  });

  it('fires while MongoDB does not answer, and when it elects a primary', async () => {
    const { pid } = partOf('mongod');
    process.kill(pid, 'SIGSTOP');
    for (let number = 0; number < BURST; number += 1) {
      const to = offline[number % OFFLINE];
      const message = { conversationId: to, clientId: `burst-${number}`, text: 'Hello' };
      sender.socket.emit('message:send', message, () => undefined);
    }
    await fire('ParleyQueueLong', 'ParleyNoPrimary', 'ParleyOperationsFail', 'ParleyWebFails');
    // The stack starts it again.
    process.kill(pid, 'SIGKILL');
    await fire('ParleyFailover');
    await clear(...(await shippedAlerts()));
  });

  it('has fired every alert', async () => {
    assert.deepEqual([...fired].toSorted(), (await shippedAlerts()).toSorted());
  });
});
