import assert from 'node:assert/strict';
import type { SessionDocument } from '@parley/backend-common';
import type { UserDocument } from '@parley/backend-common/domain';
import { HOUR } from '@parley/common';
import type { Person } from '../support/people.ts';

import { call } from '../support/connections.ts';
import { request } from '../support/http.ts';
import { ACKNOWLEDGE_WITHIN, PushStage, type Owner } from '../support/push-stage.ts';
import { newId } from '../support/test-log.ts';
import { until } from '../support/until.ts';

describe('pushes', function () {
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
    assert.deepEqual(stage.sender.to(pushToken), [], 'no push was expected');
  /**
   * Waits until a later message was pushed to a user who is connected and does not acknowledge it. Such a push is
   * scheduled last, and in the order of the messages, so every push about an earlier message has been scheduled.
   */
  const everythingSettled = async () => {
    const witness = await stage.owner();
    await stage.open(witness, { acknowledges: false });
    await stage.send(ann, await direct(witness));
    await stage.pushed(witness);
    await stage.nothingDue();
  };

  it('reach users who are not connected, with the text of the message', async () => {
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

  it('cause no writes while all members are in the foreground and acknowledge', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    await stage.open(ben);
    for (const text of ['one', 'two', 'three']) await stage.send(ann, conversationId, text);
    await everythingSettled();
    nothingFor(ben);
    assert.ok((await stage.outbox()).every(({ userId }) => userId !== ben.userId));
  });

  it('reach a connected user who does not acknowledge in time', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    await stage.open(ben, { acknowledges: false });
    const sentAt = performance.now();
    await stage.send(ann, conversationId);
    await stage.pushed(ben);
    assert.ok(performance.now() - sentAt >= ACKNOWLEDGE_WITHIN);
  });

  it('reach a user whose app is in the background, even if it acknowledges', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    await stage.open(ben, { state: 'background' });
    await stage.send(ann, conversationId);
    await stage.pushed(ben);
  });

  it('are cancelled when the app comes to the foreground', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    const socket = await stage.open(ben, { state: 'background' });
    await call(socket, 'app:state', { state: 'foreground' });
    await stage.send(ann, conversationId);
    await everythingSettled();
    nothingFor(ben);
  });

  it('are merged for several messages, with their number', async () => {
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

  it('show the group title and the sender, and are not sent to the sender', async () => {
    const [ben, cleo] = [await stage.owner(), await stage.owner()];
    const conversationId = await stage.stack.group(stage.node.url, [ann, ben, cleo]);
    await stage.send(ben, conversationId, 'Hi all');
    const { content } = await stage.pushed(cleo);
    assert.equal(content.shown?.title, 'Friends');
    assert.match(content.shown.body, /^@user-.*: Hi all$/);
    await everythingSettled();
    nothingFor(ben);
  });

  it('contain only ids for a user who turned previews off', async () => {
    const ben = await stage.owner();
    await stage.stack.mongo.db
      .collection<UserDocument>('users')
      .updateOne({ _id: ben.userId }, { $set: { notifications: { previews: false } } });
    await stage.send(ann, await direct(ben), 'A secret');
    const { content } = await stage.pushed(ben);
    assert.deepEqual(content.shown, { title: 'Parley', body: 'New message' });
    assert.ok(!JSON.stringify(content).includes('secret'));
  });

  it('are not sent for a muted conversation', async () => {
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

  it('are cancelled if the message is deleted before they are sent', async () => {
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

  const deleteMessage = async (conversationId: string, id: string) => {
    const path = `${stage.node.url}/conversations/${conversationId}/messages/${id}`;
    const body = { clientId: newId() };
    assert.equal((await request(path, { method: 'DELETE', as: ann, body })).status, 200);
  };
  const takenBack = (conversationId: string, seq: number) => ({
    data: { type: 'read', cause: 'deleted', seq: String(seq), conversationId },
    tag: conversationId,
  });

  for (const platform of ['android', 'ios', 'web'] as const) {
    it(`are taken back from ${platform} when their message is deleted`, async () => {
      const ben = await stage.owner(platform);
      const conversationId = await direct(ben);
      const { id, seq } = await stage.send(ann, conversationId, 'Sorry');
      assert.equal((await stage.pushed(ben)).content.shown?.body, 'Sorry');
      await stage.settled(ben);
      await deleteMessage(conversationId, id);
      assert.deepEqual((await stage.pushed(ben, 2)).content, takenBack(conversationId, seq));
    });
  }

  it('are taken back from every device of a member, and of every member', async () => {
    const [phone, cleo] = [await stage.owner(), await stage.owner('ios')];
    const tablet = await stage.withDevice(await stage.stack.people.logIn(phone.userId), 'ios');
    const conversationId = await stage.stack.group(stage.node.url, [ann, phone, cleo]);
    const { id, seq } = await stage.send(ann, conversationId, 'Sorry');
    const all = [phone, tablet, cleo];
    await Promise.all(all.map((owner) => stage.pushed(owner)));
    await stage.nothingDue();
    await deleteMessage(conversationId, id);
    for (const owner of all) {
      assert.deepEqual((await stage.pushed(owner, 2)).content, takenBack(conversationId, seq));
    }
  });

  it('stay while a message that they stand for is left, and go with the last one', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    const [one, two] = [
      await stage.send(ann, conversationId, 'one'),
      await stage.send(ann, conversationId, 'two'),
    ];
    await until(() => stage.sender.to(ben.pushToken).at(-1)?.content.data['count'] === '2');
    await stage.settled(ben);
    const before = stage.sender.to(ben.pushToken).length;
    await deleteMessage(conversationId, two.id);
    await everythingSettled();
    assert.equal(stage.sender.to(ben.pushToken).length, before);
    await deleteMessage(conversationId, one.id);
    const { content } = await stage.pushed(ben, before + 1);
    assert.deepEqual(content, takenBack(conversationId, two.seq));
  });

  it('never show an older message again when a newer one is deleted at once', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    await stage.send(ann, conversationId, 'Lunch?');
    await stage.pushed(ben);
    const { id } = await stage.send(ann, conversationId, 'Sorry');
    await deleteMessage(conversationId, id);
    await everythingSettled();
    const bodies = stage.sender
      .to(ben.pushToken)
      .flatMap(({ content }) => content.shown?.body ?? []);
    assert.deepEqual(bodies, ['Lunch?']);
  });

  it('are cancelled if the member is removed before they are sent', async () => {
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

  it('are not sent to a device whose session has expired', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    await stage.stack.mongo.db
      .collection<SessionDocument>('sessions')
      .updateOne({ _id: ben.sessionId }, { $set: { expiresAt: Date.now() - 1 } });
    await stage.send(ann, conversationId);
    await everythingSettled();
    nothingFor(ben);
  });

  it('remove the notification from the other devices when it is read on one', async () => {
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

  it('remove a device whose token Firebase rejects, which the sender sees in the delivery report', async () => {
    const ben = await stage.owner();
    const conversationId = await direct(ben);
    stage.sender.answer(ben.pushToken, { kind: 'dead' });
    const { id } = await stage.send(ann, conversationId);
    const devices = stage.stack.mongo.db.collection('devices');
    await until(async () => (await devices.countDocuments({ token: ben.pushToken })) === 0);
    const [recipient] = (await deliveryOf(conversationId, id)).recipients;
    assert.equal(recipient?.reason, 'no_device');
  });

  it('are retried, not before the time that Firebase asks for', async () => {
    const ben = await stage.owner();
    const later = { kind: 'later', code: 'busy', retryAfterMs: 1_500 } as const;
    stage.sender.answer(ben.pushToken, later);
    await stage.send(ann, await direct(ben));
    await stage.pushed(ben);
    const refusedAt = performance.now();
    await stage.pushed(ben, 2);
    assert.ok(performance.now() - refusedAt >= 1_400);
  });

  it('are retried only for the devices that failed', async () => {
    const phone = await stage.owner();
    const tablet = await stage.withDevice(await stage.stack.people.logIn(phone.userId));
    stage.sender.answer(phone.pushToken, { kind: 'later', code: 'busy' });
    await stage.send(ann, await direct(phone));
    await stage.pushed(phone, 2);
    await stage.settled(phone);
    assert.equal(stage.sender.to(tablet.pushToken).length, 1);
  });

  it('are sent for partner events to users in the background, and not in the foreground', async () => {
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

  describe('in the delivery report', () => {
    it('show the sender who received and read the message, who got a push, and why others did not', async () => {
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
      await everythingSettled();
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

    it('are visible to the sender only', async () => {
      const ben = await stage.person();
      const conversationId = await direct(ben);
      const { id } = await stage.send(ann, conversationId);
      const { body } = await explain(conversationId, id, ben);
      assert.equal((body as { code: string }).code, 'forbidden');
      const { body: unknown } = await explain(conversationId, newId(), ann);
      assert.equal((unknown as { code: string }).code, 'not_found');
    });

    it('do not reveal the read receipts of a user who hides them', async () => {
      const ben = await stage.stack.people.create({ readReceipts: false });
      const conversationId = await direct(ben);
      const socket = await stage.open(ben);
      const { id, seq } = await stage.send(ann, conversationId);
      await call(socket, 'receipt:read', { conversationId, seq });
      const { counts, recipients } = await deliveryOf(conversationId, id);
      assert.deepEqual(counts, { delivered: 1, read: 0, of: 1 });
      assert.equal(recipients[0]?.readAt, null);
    });

    it('are waiting until they are sent', async () => {
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
