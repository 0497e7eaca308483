import assert from 'node:assert/strict';
import { FcmStandIn, type FcmCall } from '@parley/dev';

import { call, register, type Account } from './support/plain-client.ts';
import { poll } from './support/poll.ts';
import { testStack, type TestStack } from './support/stack.ts';

describe('a push through firebase-admin', function () {
  this.timeout(60_000);
  let fcm: FcmStandIn;
  let parley: TestStack;

  before(async () => {
    fcm = await FcmStandIn.start();
    parley = await testStack({ fcm, env: { PARLEY_PUSH_AFTER: '300' } });
  });
  after(async () => {
    await parley.close();
    await fcm.close();
  });

  /** Sends a request that is given as a line such as `PUT /devices/fcm-token`. */
  const request = (as: Account, line: string, body?: object) => {
    const [method = '', path = ''] = line.split(' ');
    return call(parley.origin, { method, path, token: as.token, body });
  };
  const pushed = async (token: string, count: number): Promise<FcmCall['message']> => {
    return poll(() => fcm.sentTo(token)[count - 1]);
  };

  it('reaches the phone of the recipient, and is removed when the message is read on another device', async () => {
    const [ann, ben] = [await register(parley.origin, 'Ann'), await register(parley.origin, 'Ben')];
    await request(ben, 'PUT /devices/fcm-token', { token: 'of-ben', platform: 'android' });
    const made = await request(ann, 'POST /conversations', { kind: 'direct', userId: ben.userId });
    const conversationId = String(made.body['id']);
    const path = `/conversations/${conversationId}`;
    const said = await request(ann, `POST ${path}/messages`, { clientId: 'a-1', text: 'Lunch?' });
    const push = await pushed('of-ben', 1);
    assert.deepEqual(push['android'], {
      priority: 'high',
      collapse_key: conversationId,
      ttl: '604800s',
      notification: {
        ...{ title: 'Ann', body: 'Lunch?', tag: conversationId },
        ...{ channel_id: 'messages', default_sound: true },
      },
    });
    const messageId = String(said.body['id']);
    await poll(async () => {
      const report = await request(ann, `GET ${path}/messages/${messageId}/delivery`);
      const [{ push }] = report.body['recipients'] as [{ push: string }];
      return push === 'sent' || undefined;
    });

    const { body } = await call(parley.origin, {
      ...{ method: 'POST', path: '/auth/login' },
      body: { username: ben.username, password: 'a long enough secret' },
    });
    const elsewhere = { ...ben, token: String(body['sessionToken']) };
    await request(elsewhere, `PUT ${path}/receipts/read`, { seq: said.body['seq'] });
    const { data } = await pushed('of-ben', 2);
    assert.deepEqual(data, { type: 'read', conversationId, seq: String(said.body['seq']) });
  });

  it('is sent again after an outage, and ends with the session', async () => {
    const [ann, ben] = [await register(parley.origin, 'Ann'), await register(parley.origin, 'Ben')];
    await request(ben, 'PUT /devices/fcm-token', { token: 'of-ben-2', platform: 'ios' });
    fcm.answer('of-ben-2', { kind: 'unavailable' }, { kind: 'busy', retryAfter: 1 });
    const made = await request(ann, 'POST /conversations', { kind: 'direct', userId: ben.userId });
    const path = `/conversations/${String(made.body['id'])}/messages`;
    await request(ann, `POST ${path}`, { clientId: 'a-1', text: 'Still on?' });
    await pushed('of-ben-2', 3);

    await request(ben, 'POST /auth/logout');
    const unheard = await request(ann, `POST ${path}`, { clientId: 'a-2', text: 'Hello?' });
    const cleo = await register(parley.origin, 'Cleo');
    await request(cleo, 'PUT /devices/fcm-token', { token: 'of-cleo', platform: 'ios' });
    const later = await request(ann, 'POST /conversations', {
      kind: 'direct',
      userId: cleo.userId,
    });
    await request(ann, `POST /conversations/${String(later.body['id'])}/messages`, {
      ...{ clientId: 'a-3', text: 'Hello?' },
    });
    // Pushes are scheduled in the order of the messages, so none for the session that ended can follow this one.
    await pushed('of-cleo', 1);
    // Without Redis, messaging notices the end of a session within seconds.
    await poll(async () => {
      const { body } = await request(ann, `GET ${path}/${String(unheard.body['id'])}/delivery`);
      const [{ reason }] = body['recipients'] as [{ reason: string }];
      return reason === 'no_device' || undefined;
    });
    assert.equal(fcm.sentTo('of-ben-2').length, 3);
  });
});
