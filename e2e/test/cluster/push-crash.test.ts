import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FcmStandIn, type FcmCall } from '@parley/dev';

import { settledWithin } from '../support/patience.ts';
import { call, PlainClient, register, type Account } from '../support/plain-client.ts';
import { poll } from '../support/poll.ts';
import { testStack, type TestStack } from '../support/stack.ts';

/** Milliseconds; restarted nodes find what is to be pushed when the leases of the killed ones have ended. */
const LONGEST_WAIT_MS = 120_000;

/** Somebody with a phone. */
interface Owner extends Account {
  readonly phone: string;
}

/**
 * Every node is killed (SIGKILL) while pushes are in every state that they can be in. The services are the ones that
 * operators run, in processes of their own, with a service account and the unmodified firebase-admin.
 */
describe('pushes and a kill -9 of every node', function () {
  this.timeout(180_000);
  let folder: string;
  let fcm: FcmStandIn;
  let parley: TestStack;
  let ann: Account;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-push-crash-'));
    fcm = await FcmStandIn.start();
    const env = { PARLEY_PUSH_AFTER: '8000', PARLEY_RATE_LIMITS: 'off' };
    parley = await testStack({ nodes: 2, env: { ...env, ...(await fcm.environment(folder)) } });
    ann = await register(parley.origin, 'Ann');
  });
  after(async () => {
    await parley.close();
    await fcm.close();
    await rm(folder, { recursive: true, force: true });
  });

  const request = async (as: Account, line: string, body?: object) => {
    const [method = '', path = ''] = line.split(' ');
    const answer = await call(parley.origin, { method, path, token: as.token, body });
    assert.ok(answer.status < 300, `${line}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const owner = async (name: string): Promise<Owner> => {
    const account = await register(parley.origin, name);
    const phone = `phone-of-${name}`;
    await request(account, 'PUT /devices/fcm-token', { token: phone, platform: 'android' });
    return { ...account, phone };
  };
  const write = async (to: Account, text: string) => {
    const { id } = await request(ann, 'POST /conversations', { kind: 'direct', userId: to.userId });
    const path = `/conversations/${String(id)}/messages`;
    const { id: messageId } = await request(ann, `POST ${path}`, { clientId: `${text}-1`, text });
    return { conversationId: String(id), delivery: `GET ${path}/${String(messageId)}/delivery` };
  };
  const isPushed = async (delivery: string) => {
    const { recipients } = await request(ann, delivery);
    return (recipients as { push: string }[])[0]?.push === 'sent';
  };
  const until = async (holds: () => boolean | Promise<boolean>) => {
    await poll(async () => (await holds()) || undefined, LONGEST_WAIT_MS);
  };
  const count = ({ phone }: Owner) => fcm.sentTo(phone).length;
  const tagsOf = (messages: readonly FcmCall['message'][]) =>
    new Set(messages.map(({ android }) => (android as { collapse_key: string }).collapse_key));
  const killAll = () => {
    const nodes = parley.stack.parts().filter(({ kind }) => kind === 'messaging');
    for (const { pid } of nodes) process.kill(pid, 'SIGKILL');
    return nodes;
  };

  it('reach everybody at least once, and are seen once', async () => {
    const [waiting, midway, sent, unwritten] = [
      await owner('waiting'),
      await owner('midway'),
      await owner('sent'),
      await owner('unwritten'),
    ];
    // Was pushed to and settled long before: the kill must not repeat it.
    const before = await write(sent, 'before');
    await until(() => isPushed(before.delivery));
    // Its request is at Firebase, and the answer never comes.
    fcm.answer(midway.phone, { kind: 'silence' });
    const asked = await write(midway, 'midway');
    await until(() => count(midway) === 1);
    // Is connected and says nothing: nothing is written of it but the message itself.
    const looking = new PlainClient(parley.origin, waiting.token, { sync: 'heads' });
    await looking.until(() => looking.saw('ready'));
    await looking.request('sync', {});
    const acknowledged = await write(waiting, 'waiting');
    // The nodes crash at the moment in which Firebase accepts it.
    let killed: ReturnType<typeof killAll> = [];
    const restarted: Promise<unknown>[] = [];
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const over = new Promise<void>((resolve) => {
      const die = () => {
        const { stack } = parley;
        const names = stack.parts().filter(({ kind }) => kind === 'messaging');
        restarted.push(...names.map(({ name }) => stack.restarted(name)));
        killed = killAll();
        resolve();
      };
      fcm.answer(unwritten.phone, { kind: 'held', until: held, then: die });
    });
    const taken = await write(unwritten, 'unwritten');
    letGo();
    await over;
    assert.equal(killed.length, 2);
    assert.equal(count(waiting), 0, 'it was still waiting when the nodes died');
    looking.close();
    await settledWithin(
      Promise.all(restarted),
      LONGEST_WAIT_MS,
      () => 'for the restart of the nodes',
    );

    await until(() => count(waiting) >= 1 && count(midway) >= 2);
    for (const { delivery } of [asked, acknowledged, taken]) {
      await until(() => isPushed(delivery));
    }
    // What shows twice replaces itself: each push of a conversation has the same collapse key.
    for (const [person, { conversationId }] of [
      [waiting, acknowledged],
      [midway, asked],
      [unwritten, taken],
    ] as const) {
      assert.deepEqual([...tagsOf(fcm.sentTo(person.phone))], [conversationId]);
      assert.ok(count(person) <= 2, `${person.phone}: ${count(person)} pushes`);
    }
    assert.equal(count(sent), 1, 'what had been settled was not pushed again');
  });
});
