import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { openFirebaseSender, type Push, type PushSender } from '@parley/messaging';

import { FcmStandIn } from '../src/fcm/fcm-stand-in.ts';

const content = {
  data: { type: 'message', conversationId: 'c', seq: '3' },
  shown: { title: 'Ann', body: 'Hello' },
  tag: 'c',
};
const to = (token: string, platform: Push['platform'] = 'android'): Push => ({
  ...{ deviceId: 'd', token, platform, content },
});

/** Milliseconds. */
const PATIENCE = 100;

describe('firebase-admin and the stand-in for FCM', () => {
  let fcm: FcmStandIn;
  let sender: PushSender;

  before(async () => {
    fcm = await FcmStandIn.start();
    sender = fcm.sender();
  });
  after(async () => {
    await sender.close();
    await fcm.close();
  });

  /** A sender through the library, with {@link PATIENCE} instead of its timeout of 15 s. */
  function impatientSender(): PushSender {
    const firebase = fcm.firebase();
    const agent = firebase.httpAgent!;
    const create = agent.createConnection.bind(agent);
    agent.createConnection = (...given: Parameters<typeof create>) => {
      const socket = create(...given) as Socket;
      const wait = socket.setTimeout.bind(socket);
      socket.setTimeout = (ms, onTimeout) => wait(Math.min(ms, PATIENCE), onTimeout);
      return socket;
    };
    return openFirebaseSender(firebase);
  }

  it('send a message to a token, authorized, in the name of the project', async () => {
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

  it('report a token that is unregistered or invalid as dead', async () => {
    fcm.answer('gone', { kind: 'unregistered' });
    fcm.answer('wrong', { kind: 'invalid-token' });
    assert.deepEqual(await sender.send(to('gone')), { kind: 'dead' });
    assert.deepEqual(await sender.send(to('wrong')), { kind: 'dead' });
  });

  it('keep a token if the project has no permission to send', async () => {
    fcm.answer('fine', { kind: 'no-permission' });
    const outcome = await sender.send(to('fine'));
    assert.equal(outcome.kind, 'later');
  });

  it('pass on how long to wait when Firebase limits the rate', async () => {
    fcm.answer('busy', { kind: 'busy', retryAfter: 37 });
    const code = 'messaging/message-rate-exceeded';
    const [busy, other] = await Promise.all([sender.send(to('busy')), sender.send(to('other'))]);
    assert.deepEqual(busy, { kind: 'later', code, retryAfterMs: 37_000 });
    assert.deepEqual(other, { kind: 'sent' });
  });

  it('retry after an outage and after a closed connection', async () => {
    fcm.answer('outage', { kind: 'unavailable' });
    fcm.answer('cut', { kind: 'reset' });
    assert.deepEqual(await sender.send(to('outage')), { kind: 'sent' });
    assert.deepEqual(await sender.send(to('cut')), { kind: 'sent' });
    assert.equal(fcm.sentTo('outage').length, 2);
    assert.equal(fcm.sentTo('cut').length, 2);
  });

  it('retry a request that is not answered, and postpone the push if none is', async () => {
    const impatient = impatientSender();
    fcm.answer('once', { kind: 'silence' });
    assert.deepEqual(await impatient.send(to('once')), { kind: 'sent' });
    assert.equal(fcm.sentTo('once').length, 2);
    fcm.answer('never', ...Array.from({ length: 5 }, () => ({ kind: 'silence' }) as const));
    const outcome = await impatient.send(to('never'));
    assert.deepEqual(outcome, { kind: 'later', code: 'app/network-timeout' });
    await impatient.close();
  });

  it('postpone the push if the outage is announced to last', async () => {
    fcm.answer('outage', { kind: 'unavailable', retryAfter: 120 });
    const outcome = await sender.send(to('outage'));
    const code = 'messaging/server-unavailable';
    assert.deepEqual(outcome, { kind: 'later', code, retryAfterMs: 120_000 });
  });
});
