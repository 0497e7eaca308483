import assert from 'node:assert/strict';
import type { Push, PushSender } from '@parley/messaging';

import { FcmStandIn } from '../src/fcm-stand-in.ts';

const content = {
  data: { type: 'message', conversationId: 'c', seq: '3' },
  shown: { title: 'Ann', body: 'Hello' },
  tag: 'c',
};
const to = (token: string, platform: Push['platform'] = 'android'): Push => ({
  ...{ deviceId: 'd', token, platform, content },
});

describe('firebase-admin and the stand-in for FCM', () => {
  let fcm: FcmStandIn;
  let sender: PushSender;

  before(async () => {
    fcm = await FcmStandIn.start();
    sender = await fcm.sender();
  });
  after(async () => {
    await sender.close();
    await fcm.close();
  });

  it('send one message a token, with access, to the project', async () => {
    assert.deepEqual(await sender.send(to('ok')), { kind: 'sent' });
    const [call] = fcm.calls.filter(({ message }) => message.token === 'ok');
    assert.equal(call?.path, '/v1/projects/parley-stand-in/messages:send');
    assert.equal(call.authorization, 'Bearer of the stand-in');
    assert.deepEqual(call.message, {
      token: 'ok',
      data: content.data,
      android: {
        priority: 'high',
        collapse_key: 'c',
        ttl: '604800s',
        notification: {
          ...{ title: 'Ann', body: 'Hello', tag: 'c' },
          ...{ channel_id: 'messages', default_sound: true },
        },
      },
    });
  });

  it('tell a token that is dead from one that is refused', async () => {
    fcm.answer('gone', { kind: 'unregistered' });
    fcm.answer('wrong', { kind: 'invalid-token' });
    assert.deepEqual(await sender.send(to('gone')), { kind: 'dead' });
    assert.deepEqual(await sender.send(to('wrong')), { kind: 'dead' });
  });

  it('keep a token where the project is not allowed to send', async () => {
    fcm.answer('fine', { kind: 'no-permission' });
    const outcome = await sender.send(to('fine'));
    assert.equal(outcome.kind, 'later');
  });

  it('say for how long Firebase wants to be left alone', async () => {
    fcm.answer('busy', { kind: 'busy', retryAfter: 37 });
    const code = 'messaging/message-rate-exceeded';
    const [busy, other] = await Promise.all([sender.send(to('busy')), sender.send(to('other'))]);
    assert.deepEqual(busy, { kind: 'later', code, retryAfterMs: 37_000 });
    assert.deepEqual(other, { kind: 'sent' });
  });

  it('get over an outage and a connection that is cut', async () => {
    fcm.answer('outage', { kind: 'unavailable' });
    fcm.answer('cut', { kind: 'reset' });
    assert.deepEqual(await sender.send(to('outage')), { kind: 'sent' });
    assert.deepEqual(await sender.send(to('cut')), { kind: 'sent' });
    assert.equal(fcm.sentTo('outage').length, 2);
    assert.equal(fcm.sentTo('cut').length, 2);
  });

  it('try later where an outage is announced to last', async () => {
    fcm.answer('outage', { kind: 'unavailable', retryAfter: 120 });
    const outcome = await sender.send(to('outage'));
    const code = 'messaging/server-unavailable';
    assert.deepEqual(outcome, { kind: 'later', code, retryAfterMs: 120_000 });
  });
});
