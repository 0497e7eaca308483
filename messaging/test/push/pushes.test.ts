import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { SessionDocument } from '@parley/backend-common';
import type { UserDocument } from '@parley/backend-common/domain';
import { HOUR } from '@parley/common';
import type { Person } from '../support/people.ts';

import { call } from '../support/connections.ts';
import { request } from '../support/http.ts';
import { PATIENCE, PushStage, type Owner } from '../support/push-stage.ts';
import { newId } from '../support/test-log.ts';
import { until } from '../support/until.ts';

describe('pushes', function () {
  this.timeout(30_000);
  let stage: PushStage;
  let ann: Person;

  before(async () => {
    stage = await PushStage.create();
    ann = await stage.person();
  });
  after(() => stage.close());

  const direct = (other: Person) => stage.stack.direct(stage.node.url, ann, other);
  const settings = (as: Person, conversationId: string, body: object) =>
    request(`${stage.node.url}/conversations/${conversationId}/settings`, {
      ...{ method: 'PUT', as, body },
    });
  const nothingFor = ({ pushToken }: Owner) =>
    assert.deepEqual(stage.sender.to(pushToken), [], 'nothing was to be pushed');
  /** Waits until a message to somebody else was pushed that was sent after all others: the others had their chance. */
  const everythingSettled = async () => {
    const witness = await stage.owner();
    await stage.send(ann, await direct(witness));
    await stage.pushed(witness);
    await delay(2 * PATIENCE);
  };

  it('reach whoever is not connected, with what was said', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    const { id, seq } = await stage.send(ann, conversationId, 'Lunch?');
    const { content, platform } = await stage.pushed(ben);
    assert.equal(platform, 'android');
    assert.equal(content.tag, conversationId);
    assert.equal(content.shown?.body, 'Lunch?');
    assert.match(content.shown.title, /^@user-/);
    assert.deepEqual(content.data, {
      ...{ type: 'message', conversationId, messageId: id, senderId: ann.userId },
      ...{ seq: String(seq), count: '1' },
    });
  });

  it('write nothing while everybody looks and acknowledges', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    await stage.open(ben);
    for (const text of ['one', 'two', 'three']) await stage.send(ann, conversationId, text);
    await everythingSettled();
    nothingFor(ben);
    assert.ok((await stage.outbox()).every(({ userId }) => userId !== ben.userId));
  });

  it('reach whoever is connected and does not acknowledge, when the time is over', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    await stage.open(ben, { acknowledges: false });
    const sentAt = performance.now();
    await stage.send(ann, conversationId);
    await stage.pushed(ben);
    assert.ok(performance.now() - sentAt >= PATIENCE);
  });

  it('reach whoever has the app in the background, though it acknowledges', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    await stage.open(ben, { state: 'background' });
    await stage.send(ann, conversationId);
    await stage.pushed(ben);
  });

  it('are called off by an app that comes to the foreground', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    const socket = await stage.open(ben, { state: 'background' });
    await call(socket, 'app:state', { state: 'foreground' });
    await stage.send(ann, conversationId);
    await everythingSettled();
    nothingFor(ben);
  });

  it('are one for many messages, and say how many', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    for (const text of ['one', 'two', 'three']) await stage.send(ann, conversationId, text);
    await until(() => stage.sender.to(ben.pushToken).at(-1)?.content.data['count'] === '3');
    const last = stage.sender.to(ben.pushToken).at(-1);
    assert.equal(last?.content.shown?.body, '3 new messages');
    assert.ok(
      stage.sender.to(ben.pushToken).every(({ content }) => content.tag === conversationId),
    );
    await stage.settled(ben);
    const count = stage.sender.to(ben.pushToken).length;
    assert.ok(count <= 2, `${count} pushes`);
  });

  it('show the title of a group and who writes, and not to the one who wrote', async () => {
    const [ben, cleo] = [await stage.owner(), await stage.owner()];
    const conversationId = await stage.stack.group(stage.node.url, [ann, ben, cleo]);
    await stage.send(ben, conversationId, 'Hi all');
    const { content } = await stage.pushed(cleo);
    assert.equal(content.shown?.title, 'Friends');
    assert.match(content.shown.body, /^@user-.*: Hi all$/);
    await everythingSettled();
    nothingFor(ben);
  });

  it('carry ids alone for whoever wants no previews', async () => {
    const ben = await stage.owner();
    await stage.stack.mongo.db
      .collection<UserDocument>('users')
      .updateOne({ _id: ben.userId }, { $set: { notifications: { previews: false } } });
    await stage.send(ann, await direct(ben), 'A secret');
    const { content } = await stage.pushed(ben);
    assert.deepEqual(content.shown, { title: 'Parley', body: 'New message' });
    assert.ok(!JSON.stringify(content).includes('secret'));
  });

  it('do not disturb in a conversation that is muted', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    await settings(ben, conversationId, { mutedUntil: Date.now() + HOUR });
    await stage.send(ann, conversationId);
    await everythingSettled();
    nothingFor(ben);
    await settings(ben, conversationId, { mutedUntil: null });
    await stage.send(ann, conversationId);
    await stage.pushed(ben);
  });

  it('say nothing of a message that was deleted meanwhile', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    await stage.open(ben, { acknowledges: false });
    const { id } = await stage.send(ann, conversationId, 'Sorry');
    const { status } = await request(
      `${stage.node.url}/conversations/${conversationId}/messages/${id}`,
      { method: 'DELETE', as: ann, body: { clientId: newId() } },
    );
    assert.equal(status, 200);
    await everythingSettled();
    nothingFor(ben);
  });

  it('do not reach whoever was removed before', async () => {
    const ben = await stage.owner();
    const conversationId = await stage.stack.group(stage.node.url, [ann, ben]);
    await stage.open(ben, { acknowledges: false });
    await stage.send(ann, conversationId);
    await request(`${stage.node.url}/conversations/${conversationId}/members/${ben.userId}`, {
      ...{ method: 'DELETE', as: ann },
    });
    await everythingSettled();
    nothingFor(ben);
  });

  it('do not reach a device whose session has run out', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    await stage.stack.mongo.db
      .collection<SessionDocument>('sessions')
      .updateOne({ _id: ben.sessionId }, { $set: { expiresAt: Date.now() - 1 } });
    await stage.send(ann, conversationId);
    await everythingSettled();
    nothingFor(ben);
  });

  it('take back on the other devices what was read on one', async () => {
    const phone = await stage.owner();
    const again = await stage.stack.people.logIn(phone.userId);
    const tablet = await stage.withDevice(again, 'ios');
    const conversationId = await direct(phone);
    const { seq } = await stage.send(ann, conversationId);
    await Promise.all([stage.pushed(phone), stage.pushed(tablet)]);
    await stage.settled(phone);
    await request(`${stage.node.url}/conversations/${conversationId}/receipts/read`, {
      ...{ method: 'PUT', as: tablet, body: { seq } },
    });
    const { content } = await stage.pushed(phone, 2);
    assert.deepEqual(content, {
      data: { type: 'read', seq: String(seq), conversationId },
      tag: conversationId,
    });
    await stage.settled(phone);
    assert.equal(stage.sender.to(tablet.pushToken).length, 1);
  });

  it('forget a device that Firebase knows no more, and say so to the sender', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    stage.sender.answer(ben.pushToken, { kind: 'dead' });
    const { id } = await stage.send(ann, conversationId);
    const devices = stage.stack.mongo.db.collection('devices');
    await until(async () => (await devices.countDocuments({ token: ben.pushToken })) === 0);
    const [recipient] = (await deliveryOf(conversationId, id)).recipients;
    assert.equal(recipient?.reason, 'no_device');
  });

  it('are tried again, not before Firebase wants it', async () => {
    const ben = await stage.owner();
    const later = { kind: 'later', code: 'busy', retryAfterMs: 1_500 } as const;
    stage.sender.answer(ben.pushToken, later);
    await stage.send(ann, await direct(ben));
    await stage.pushed(ben);
    const refusedAt = performance.now();
    await stage.pushed(ben, 2);
    assert.ok(performance.now() - refusedAt >= 1_400);
  });

  it('go once to each device when only one of them is to be tried again', async () => {
    const phone = await stage.owner();
    const tablet = await stage.withDevice(await stage.stack.people.logIn(phone.userId));
    stage.sender.answer(phone.pushToken, { kind: 'later', code: 'busy' });
    await stage.send(ann, await direct(phone));
    await stage.pushed(phone, 2);
    await stage.settled(phone);
    assert.equal(stage.sender.to(tablet.pushToken).length, 1);
  });

  it('tell of the partner where nobody looks, and nothing where somebody does', async () => {
    const [ben, cleo] = [await stage.owner('ios'), await stage.owner()];
    const open = await stage.open(cleo);
    const code = (await call(open, 'link:create')) as { linkCode: string };
    const other = await stage.open(ben, { state: 'background' });
    await call(other, 'link:confirm', { linkCode: code.linkCode });
    await stage.pushed(ben);
    await call(open, 'status:set', { status: 'BUSY', statusExpiration: null });
    const busy = await stage.pushed(ben, 2);
    assert.equal(busy.content.tag, 'partner');
    assert.equal(busy.content.shown?.body, 'is busy');
    const { event, partnerId, status, type } = busy.content.data;
    assert.deepEqual(
      { event, partnerId, status, type },
      { event: 'PARTNER_STATUS_CHANGED', partnerId: cleo.userId, status: 'BUSY', type: 'partner' },
    );
    nothingFor(cleo);
  });

  describe('explained', () => {
    it('to the sender: who has it, who read it, who was pushed to, and why not', async () => {
      const people = await Promise.all(Array.from({ length: 5 }, () => stage.owner()));
      const [ben, cleo, dan, eve, fay] = people as [Owner, Owner, Owner, Owner, Owner];
      const gil = await stage.person();
      const conversationId = await stage.stack.group(stage.node.url, [ann, ...people, gil]);
      await stage.open(ben);
      const reader = await stage.open(cleo);
      await settings(dan, conversationId, { mutedUntil: Date.now() + HOUR });
      stage.sender.answer(fay.pushToken, { kind: 'refused', code: 'no' });
      const { at, id, seq } = await stage.send(ann, conversationId);
      await call(reader, 'receipt:read', { conversationId, seq });
      await stage.pushed(eve);
      await stage.settled(eve);
      await stage.settled(fay);
      await delay(2 * PATIENCE);
      const { counts, recipients, stored } = await deliveryOf(conversationId, id);
      assert.equal(stored, at);
      assert.deepEqual(counts, { delivered: 2, read: 1, of: 6 });
      const of = ({ userId }: Person) => recipients.find((one) => one.userId === userId)!;
      assert.ok(of(ben).deliveredAt! >= at && of(ben).readAt === null && of(ben).reason === null);
      assert.ok(of(cleo).readAt! >= at);
      assert.equal(of(dan).reason, 'muted');
      assert.ok(of(eve).push === 'sent' && of(eve).pushedAt! >= at && of(eve).reason === null);
      assert.equal(of(fay).reason, 'failed');
      assert.equal(of(gil).reason, 'no_device');
    });

    it('to nobody but the sender', async () => {
      const ben = await stage.person();
      const conversationId = await direct(ben);
      const { id } = await stage.send(ann, conversationId);
      const { body } = await explain(conversationId, id, ben);
      assert.equal((body as { code: string }).code, 'forbidden');
      const { body: unknown } = await explain(conversationId, newId(), ann);
      assert.equal((unknown as { code: string }).code, 'not_found');
    });

    it('without the reading of whoever keeps it private', async () => {
      const ben = await stage.stack.people.create({ readReceipts: false });
      const conversationId = await direct(ben);
      const socket = await stage.open(ben);
      const { id, seq } = await stage.send(ann, conversationId);
      await call(socket, 'receipt:read', { conversationId, seq });
      const { counts, recipients } = await deliveryOf(conversationId, id);
      assert.deepEqual(counts, { delivered: 1, read: 0, of: 1 });
      assert.equal(recipients[0]?.readAt, null);
    });

    it('as waiting while it is about to be pushed', async () => {
      const ben = await stage.owner();
      const conversationId = await direct(ben);
      await stage.open(ben, { acknowledges: false });
      const { id } = await stage.send(ann, conversationId);
      assert.equal((await deliveryOf(conversationId, id)).recipients[0]?.reason, 'waiting');
    });
  });

  const explain = (conversationId: string, messageId: string, as: Person) =>
    request(`${stage.node.url}/conversations/${conversationId}/messages/${messageId}/delivery`, {
      as,
    });
  const deliveryOf = async (conversationId: string, messageId: string) => {
    const { body } = await explain(conversationId, messageId, ann);
    return body as {
      stored: number;
      counts: object;
      recipients: {
        userId: string;
        deliveredAt: number | null;
        readAt: number | null;
        push: string;
        pushedAt: number | null;
        reason: string | null;
      }[];
    };
  };
});
