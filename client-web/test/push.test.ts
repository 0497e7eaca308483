import assert from 'node:assert/strict';
import type { WebPush } from '@parley/common/contract';

import { Push, type PushDeps } from '../src/features/push/push.ts';
import { readPush } from '../src/features/push/push-content.ts';
import { idOf } from './support/builders.ts';

const CONFIG: WebPush = {
  vapidKey: 'v',
  firebase: { apiKey: 'a', appId: 'b', messagingSenderId: 'c', projectId: 'd' },
};

describe('browser push', () => {
  let tokens: (string | null)[];
  let ended: number;
  beforeEach(() => {
    tokens = [];
    ended = 0;
  });

  const make = (deps: Partial<PushDeps> = {}) =>
    new Push({
      device: {
        setToken: (token) => {
          tokens.push(token?.token ?? null);
          return Promise.resolve();
        },
      },
      config: () => Promise.resolve(CONFIG),
      connect: () => Promise.resolve({ token: 'one' }),
      disconnect: () => {
        ended += 1;
        return Promise.resolve();
      },
      ...deps,
    });

  it('registers with the server once Firebase returns a token, and unregisters on request', async () => {
    const push = make();
    const states: string[] = [];
    push.subscribe(() => states.push(push.get()));
    await push.enable();
    await push.disable();
    assert.deepEqual(states, ['working', 'on', 'off']);
    assert.deepEqual(tokens, ['one', null]);
    assert.equal(ended, 1);
  });

  it('does not load Firebase if the server has no push', async () => {
    let loads = 0;
    const connect = () => {
      loads += 1;
      return Promise.resolve({ token: 'one' });
    };
    const push = make({ config: () => Promise.resolve(undefined), connect });
    await push.enable();
    assert.equal(push.get(), 'absent');
    assert.equal(loads, 0);
    assert.deepEqual(tokens, []);
  });

  it('is unavailable in browsers without push support, and reports failures', async () => {
    const absent = make({ connect: () => Promise.resolve(null) });
    await absent.enable();
    assert.equal(absent.get(), 'absent');
    const failed = make({ connect: () => Promise.reject(new Error('refused')) });
    await failed.enable();
    assert.equal(failed.get(), 'failed');
    assert.deepEqual(tokens, []);
  });

  it('does not register if push was disabled in the meantime', async () => {
    let give: (token: { token: string }) => void = () => undefined;
    const push = make({ connect: () => new Promise((resolve) => (give = resolve)) });
    const enabling = push.enable();
    await new Promise((resolve) => setImmediate(resolve));
    await push.leave();
    give({ token: 'late' });
    await enabling;
    assert.equal(push.get(), 'off');
    assert.deepEqual(tokens, []);
    assert.equal(ended, 1);
  });
});

describe('push message', () => {
  const conversationId = idOf(7);
  const message = {
    type: 'message',
    conversationId,
    tag: conversationId,
    title: 'Ada',
    body: 'Hi',
  };

  it('replaces the previous notification and opens its conversation on click', () => {
    assert.deepEqual(readPush({ data: message }), {
      kind: 'show',
      tag: conversationId,
      title: 'Ada',
      body: 'Hi',
      path: `/c/${conversationId}`,
    });
  });

  it('from the partner opens the partner panel', () => {
    const data = { type: 'partner', tag: 'partner', title: 'Ada', body: 'is busy' };
    const action = readPush({ data });
    assert.equal(action.kind === 'show' && action.path, '/?panel=partner');
  });

  it('about messages that were read elsewhere removes the notification', () => {
    const data = { type: 'read', conversationId, tag: conversationId, seq: '7' };
    assert.deepEqual(readPush({ data }), { kind: 'close', tag: conversationId });
  });

  it('never opens an address outside the app and is ignored if it is malformed', () => {
    const foreign = readPush({ data: { ...message, conversationId: '//example.org' } });
    assert.equal(foreign.kind === 'show' && foreign.path, '/');
    for (const nothing of [
      null,
      1,
      {},
      { data: null },
      { data: { tag: 'x' } },
      { data: { tag: 1, title: 2 } },
    ])
      assert.deepEqual(readPush(nothing), { kind: 'ignore' });
  });
});
