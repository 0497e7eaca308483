import assert from 'node:assert/strict';
import type { Platform } from '@parley/common/contract';

import { PAYLOAD_BYTES, toMessage } from '../../src/push/senders/payload.ts';

const platforms: readonly Platform[] = ['android', 'ios', 'web'];
const tag = '019b76da-a800-7900-8900-000000000001';
const data = { type: 'message', conversationId: tag, seq: '7', count: '1' };
const bytes = (message: object) => Buffer.byteLength(JSON.stringify(message));

describe('the payload of a push', () => {
  it('has at most 4,096 bytes for any text, and never splits a character', () => {
    const texts = [
      'x'.repeat(10_000),
      '👩‍👩‍👧‍👦'.repeat(1_400),
      '\u0001"\\'.repeat(3_000),
      '漢'.repeat(9_999),
    ];
    for (const platform of platforms) {
      for (const body of texts) {
        const message = toMessage({
          platform,
          content: { data, shown: { title: body, body }, tag },
        });
        assert.ok(bytes(message) <= PAYLOAD_BYTES, `${platform}: ${bytes(message)}`);
        assert.ok(!/\p{Surrogate}/u.test(JSON.stringify(message)));
      }
    }
  });

  it('sets the tag that replaces notifications, for its platform only', () => {
    const content = { data, shown: { title: 'Ann', body: 'Hi' }, tag };
    const [android, ios, web] = platforms.map((platform) => toMessage({ platform, content }));
    assert.equal(android?.android?.collapseKey, tag);
    assert.equal(android.android.notification?.tag, tag);
    assert.equal(android.android.priority, 'high');
    assert.deepEqual([android.apns, android.webpush], [undefined, undefined]);
    assert.equal(ios?.apns?.headers?.['apns-collapse-id'], tag);
    assert.equal(ios.apns.headers['apns-push-type'], 'alert');
    assert.deepEqual(ios.apns.payload?.aps.alert, { title: 'Ann', body: 'Hi' });
    assert.equal(web?.data?.['tag'], tag);
    assert.equal(web.data['body'], 'Hi');
    assert.match(web.webpush?.headers?.['Topic'] ?? '', /^[A-Za-z0-9_-]{1,32}$/);
    assert.equal(web.webpush?.notification, undefined);
  });

  it('shows nothing if a notification is only to be removed', () => {
    const [android, ios, web] = platforms.map((platform) =>
      toMessage({ platform, content: { data: { type: 'read', seq: '7' }, tag } }),
    );
    assert.equal(android?.android?.notification, undefined);
    assert.equal(ios?.apns?.headers?.['apns-push-type'], 'background');
    assert.equal(ios.apns.headers['apns-priority'], '5');
    assert.deepEqual(ios.apns.payload, { aps: { contentAvailable: true } });
    assert.deepEqual(web?.data, { type: 'read', seq: '7', tag });
  });

  it('is shortened where a reader sees the end of a character, with an ellipsis', () => {
    for (const character of ['😀', '👩‍👩‍👧‍👦', '🇺🇦', '1️⃣', 'ё̀']) {
      for (let before = 220; before <= 245; before += 1) {
        const body = `${'x'.repeat(before)}${character.repeat(60)}`;
        const shown = { title: body.slice(150), body };
        const message = toMessage({ platform: 'web', content: { data, shown, tag } });
        const { body: cut = '', title = '' } = message.data ?? {};
        assert.match(cut, new RegExp(`^x+(?:${character})*…$`, 'u'));
        assert.match(title, new RegExp(`^x+(?:${character})*…$`, 'u'));
        assert.ok(cut.length <= 240 && cut.length > 220 && title.length <= 100);
      }
    }
  });
});
