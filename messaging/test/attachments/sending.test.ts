import assert from 'node:assert/strict';
import type { S3ObjectStore } from '@parley/backend-common';
import { testObjectStore, type TestMongo } from '@parley/backend-common/testing';
import { DAY, MINUTE } from '@parley/common';

import { AttachmentNode, codeOf, get } from '../support/attachment-node.ts';
import { picture, text } from '../support/files.ts';
import { intercepted } from '../support/recorded-store.ts';
import { directOf, groupOf, newId, say, stored, testDatabase } from '../support/test-log.ts';

const note = text('Hello');

describe('sending an attachment', () => {
  let mongo: TestMongo;
  let store: S3ObjectStore;
  let node: AttachmentNode;
  let conversationId = '';
  let ann = '';
  let ben = '';
  before(async () => {
    mongo = await testDatabase();
    store = testObjectStore();
    node = new AttachmentNode(mongo, { store });
  });
  beforeEach(async () => {
    ({ conversationId, ann, ben } = await directOf(node.node));
  });
  after(async () => {
    await node.close();
    store.close();
    await mongo.drop();
  });

  const ready = async () => (await node.ready(ann, conversationId, note)).id;

  it('puts it into the message, with text or without', async () => {
    const attachment = await node.ready(ann, conversationId, note);
    const entry = await node.send(ann, conversationId, attachment.id);
    assert.equal(entry.text, null);
    assert.deepEqual(entry.attachment, attachment);
    assert.equal((await node.stored(attachment.id))?.state, 'sent');
    const other = await ready();
    const input = { conversationId, attachmentId: other, clientId: newId(), text: 'See' };
    const both = await node.messages.send(input, { userId: ann, socketId: undefined });
    assert.equal(both.text, 'See');
    assert.equal(both.attachment?.id, other);
  });

  it('answers a repeat with the same entry, and another message with conflict', async () => {
    const id = await ready();
    const clientId = newId();
    const first = await node.send(ann, conversationId, { attachmentId: id, clientId });
    assert.deepEqual(await node.send(ann, conversationId, { attachmentId: id, clientId }), first);
    assert.equal(await codeOf(node.send(ann, conversationId, id)), 'conflict');
    const other = await ready();
    assert.equal(
      await codeOf(node.send(ann, conversationId, { attachmentId: other, clientId })),
      'client_id_reused',
    );
    assert.equal((await node.stored(other))?.state, 'ready');
    await node.delete(ann, conversationId, first.id);
    await node.settled();
    const repeat = await node.send(ann, conversationId, { attachmentId: id, clientId });
    assert.deepEqual([repeat.id, repeat.attachment, repeat.deleted], [first.id, null, true]);
  });

  it('gives it to one of several messages that two nodes send at once', async () => {
    const second = new AttachmentNode(mongo, { store });
    const id = await ready();
    const nodes = [node, second, node, second, node, second];
    const codes = await Promise.all(
      nodes.map((each) => codeOf(each.send(ann, conversationId, id))),
    );
    assert.equal(codes.filter((code) => code === undefined).length, 1);
    assert.equal(codes.filter((code) => code === 'conflict').length, 5);
    const log = await stored(mongo, conversationId);
    assert.equal(log.filter(({ kind }) => kind === 'message').length, 1);
    await second.close();
  });

  it('is allowed to its owner, in its conversation, once it is complete', async () => {
    const id = await ready();
    assert.equal(await codeOf(node.send(ben, conversationId, id)), 'not_found');
    const elsewhere = await directOf(node.node);
    assert.equal(await codeOf(node.send(ann, elsewhere.conversationId, id)), 'not_found');
    const pending = await node.upload(ann, conversationId, note);
    assert.equal(await codeOf(node.send(ann, conversationId, pending.id)), 'conflict');
    assert.equal(await codeOf(node.send(ann, conversationId, newId())), 'not_found');
    await node.call(ann, 'attachment:cancel', { attachmentId: id });
    assert.equal(await codeOf(node.send(ann, conversationId, id)), 'not_found');
  });

  it('keeps the order of what a socket sends', async () => {
    const id = await ready();
    const author = { userId: ann, socketId: 'socket' };
    const send = (change: { text?: string; attachmentId?: string }) =>
      node.messages.send({ conversationId, clientId: newId(), ...change }, author);
    const sent = await Promise.all([
      send({ text: 'one' }),
      send({ attachmentId: id }),
      send({ text: 'three' }),
    ]);
    const [first, second, third] = sent.map(({ seq }) => seq);
    assert.ok(first! < second! && second! < third!);
  });

  it('prevents cancelling, and deleting the message removes the file', async () => {
    const id = await ready();
    const key = (await node.stored(id))?.key ?? '';
    const { id: messageId } = await node.send(ann, conversationId, id);
    const cancellation = { attachmentId: id };
    assert.equal(await node.refusal(ann, 'attachment:cancel', cancellation), 'conflict');
    assert.ok((await store.head(key)) !== null);
    await node.delete(ann, conversationId, messageId);
    assert.equal(await node.refusal(ben, 'attachment:url', cancellation), 'not_found');
    await node.settled();
    assert.equal(await store.head(key), null);
    const everything = JSON.stringify([await node.stored(id), await stored(mongo, conversationId)]);
    assert.ok(!everything.includes('note.txt'));
  });

  it('releases it when the message is finally refused', async () => {
    const group = await groupOf(node.node, 2);
    const [owner = '', leaver = ''] = group.people;
    const { id } = await node.ready(leaver, group.conversationId, note);
    const content = { kind: 'members', action: 'removed', userIds: [leaver], role: null } as const;
    const removal = { conversationId: group.conversationId, senderId: owner, content };
    await node.node.log.append(removal);
    assert.equal(await codeOf(node.send(leaver, group.conversationId, id)), 'not_found');
    assert.equal((await node.stored(id))?.state, 'ready');
  });

  it('shows a thumbnail that was made before the attachment was marked as sent', async () => {
    const attachment = await node.ready(ann, conversationId, await picture('png'));
    const reserved = { attachmentId: attachment.id, conversationId, senderId: ann, clientId: 'k' };
    const content = await node.files.reservations.reserve(reserved);
    await mongo.db
      .collection<{ _id: string }>('attachments')
      .updateOne({ _id: attachment.id }, { $set: { thumbnail: 'made' } });
    const appended = await node.files.reservations.settle(
      reserved,
      node.node.log.append({
        ...{ conversationId, senderId: ann, clientId: 'k' },
        content: { kind: 'message', text: null, attachment: content, replyTo: null },
      }),
    );
    assert.ok(appended.kind === 'written');
    const [entry] = (await stored(mongo, conversationId)).slice(-1);
    assert.ok(entry?.kind === 'message' && entry.attachment?.thumbnail === true);
    assert.equal(node.told.length, 1);
  });
});

describe('reading an attachment', () => {
  let mongo: TestMongo;
  let store: S3ObjectStore;
  let node: AttachmentNode;
  before(async () => {
    mongo = await testDatabase();
    store = testObjectStore();
    node = new AttachmentNode(mongo, { store });
  });
  after(async () => {
    await node.close();
    store.close();
    await mongo.drop();
  });

  it('is allowed to members who can see the message, checked on each request', async () => {
    const { conversationId, people } = await groupOf(node.node, 3);
    const [ann = '', ben = '', cleo = ''] = people;
    const { id: attachmentId } = await node.ready(ann, conversationId, note);
    const refusal = (userId: string) => node.refusal(userId, 'attachment:url', { attachmentId });
    assert.equal(await refusal(ann), undefined);
    assert.equal(await refusal(ben), 'not_found');
    await node.send(ann, conversationId, attachmentId);
    assert.equal(await refusal(ben), undefined);
    assert.equal(await refusal(newId()), 'not_found');
    const change = async (action: 'added' | 'removed', userId: string) => {
      const role = action === 'added' ? 'member' : null;
      const content = { kind: 'members', action, userIds: [userId], role } as const;
      await node.node.log.append({ conversationId, senderId: ann, content });
    };
    await change('removed', cleo);
    assert.equal(await refusal(cleo), 'not_found');
    // Who comes back sees nothing from before.
    await change('added', cleo);
    assert.equal(await refusal(cleo), 'not_found');
    const second = new AttachmentNode(mongo, { store });
    await change('removed', ben);
    assert.equal(await second.refusal(ben, 'attachment:url', { attachmentId }), 'not_found');
    await second.close();
  });

  it('works where a node died before it marked the attachment as sent', async () => {
    const { conversationId, ann, ben } = await directOf(node.node);
    const { id: attachmentId } = await node.ready(ann, conversationId, note);
    const held = { attachmentId, conversationId, senderId: ann, clientId: 'lost' };
    const attachment = await node.files.reservations.reserve(held);
    assert.equal(await node.refusal(ben, 'attachment:url', { attachmentId }), 'not_found');
    const content = { kind: 'message', text: null, attachment, replyTo: null } as const;
    await node.node.log.append({ conversationId, senderId: ann, clientId: 'lost', content });
    assert.equal(await node.refusal(ben, 'attachment:url', { attachmentId }), undefined);
    assert.equal((await node.stored(attachmentId))?.state, 'sent');
  });

  it('ends with a deletion that a dead node did not apply', async () => {
    const { conversationId, ann, ben } = await directOf(node.node);
    const { id: attachmentId } = await node.ready(ann, conversationId, note);
    const message = await node.send(ann, conversationId, attachmentId);
    assert.equal(await node.refusal(ben, 'attachment:url', { attachmentId }), undefined);
    const content = { kind: 'deletion', messageId: message.id, messageSeq: message.seq } as const;
    const facts = { messageSenderId: ann };
    await node.node.log.append({ conversationId, senderId: ann, content, facts });
    assert.equal(await node.refusal(ben, 'attachment:url', { attachmentId }), 'not_found');
    assert.equal((await node.stored(attachmentId))?.state, 'doomed');
  });

  it('lasts two minutes, in place or under its own name', async () => {
    const { conversationId, ann } = await directOf(node.node);
    const named = { ...text('<script>', '"Menü" تقرير.html', 'text/html') };
    const { id: attachmentId } = await node.ready(ann, conversationId, named);
    const before = Date.now();
    const { expiresAt, url } = await node.call(ann, 'attachment:url', { attachmentId });
    assert.ok(expiresAt - before <= 120_000 + (Date.now() - before));
    assert.ok(Number(new URL(url).searchParams.get('X-Amz-Expires')) <= 120);
    const { headers } = await get(url);
    assert.equal(headers.get('content-type'), 'application/octet-stream');
    const disposition = headers.get('content-disposition') ?? '';
    assert.match(disposition, /^attachment; /);
    assert.ok(disposition.endsWith(encodeURIComponent('"Menü" تقرير.html')), disposition);
    const shown = await node.ready(ann, conversationId, await picture('png'));
    const own = await node.call(ann, 'attachment:url', { attachmentId: shown.id });
    const answer = await get(own.url);
    assert.equal(answer.headers.get('content-type'), 'image/png');
    assert.match(answer.headers.get('content-disposition') ?? '', /^inline; /);
    for (const change of ['response-content-type', 'response-content-disposition']) {
      const tampered = new URL(url);
      tampered.searchParams.set(change, 'text/html');
      assert.equal((await get(tampered)).status, 403);
    }
    assert.notEqual((await get(new URL(new URL(url).pathname, url))).status, 200);
  });
});

describe('the sweeper of attachments', () => {
  let mongo: TestMongo;
  let store: S3ObjectStore;
  let node: AttachmentNode;
  let now = Date.now();
  before(async () => {
    mongo = await testDatabase();
    store = testObjectStore();
    node = new AttachmentNode(mongo, { store, now: () => now });
  });
  after(async () => {
    await node.close();
    store.close();
    await mongo.drop();
  });
  const sweep = async () => {
    await node.settled();
  };

  it('deletes uploads that nobody completed and files that nobody sent, after a day', async () => {
    const { conversationId, ann } = await directOf(node.node);
    const pending = await node.upload(ann, conversationId, note);
    const unsent = await node.ready(ann, conversationId, note);
    now += DAY - 1;
    await sweep();
    assert.equal((await node.stored(pending.id))?.state, 'uploading');
    assert.equal((await node.stored(unsent.id))?.state, 'ready');
    now += 1;
    await sweep();
    assert.equal((await node.stored(pending.id))?.state, 'doomed');
    assert.equal((await node.stored(unsent.id))?.state, 'doomed');
    now += DAY;
    await sweep();
    assert.deepEqual(await node.all(), []);
  });

  it('asks the log whether the message of an expired reservation exists', async () => {
    const { conversationId, ann } = await directOf(node.node);
    const [lost, arrived] = [
      await node.ready(ann, conversationId, note),
      await node.ready(ann, conversationId, note),
    ];
    for (const { id } of [lost, arrived]) {
      const held = { attachmentId: id, conversationId, senderId: ann, clientId: id };
      const attachment = await node.files.reservations.reserve(held);
      if (id === lost.id) continue;
      const content = {
        ...say('with it'),
        kind: 'message',
        text: null,
        attachment,
        replyTo: null,
      } as const;
      await node.node.log.append({ conversationId, senderId: ann, clientId: id, content });
    }
    now += DAY;
    await sweep();
    assert.equal((await node.stored(lost.id))?.state, 'doomed');
    assert.equal((await node.stored(arrived.id))?.state, 'sent');
  });

  it('keeps an attachment whose reservation was extended', async () => {
    const { conversationId, ann } = await directOf(node.node);
    const { id: attachmentId } = await node.ready(ann, conversationId, note);
    const held = { attachmentId, conversationId, senderId: ann, clientId: 'slow' };
    await node.files.reservations.reserve(held);
    now += DAY - 1;
    await node.files.reservations.reserve(held);
    now += 1;
    await sweep();
    assert.equal((await node.stored(attachmentId))?.state, 'reserved');
  });

  it('continues after the store was unavailable', async () => {
    const { conversationId, ann } = await directOf(node.node);
    const isAway = { value: true };
    const away = intercepted(store, (name, _, call) =>
      name === 'delete' && isAway.value ? Promise.reject(new Error('away')) : call(),
    );
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await node.ready(ann, conversationId, note)).id),
    );
    const keys = await Promise.all(ids.map(async (id) => (await node.stored(id))?.key ?? ''));
    const other = new AttachmentNode(mongo, { store: away, now: () => now });
    for (const attachmentId of ids) await other.call(ann, 'attachment:cancel', { attachmentId });
    await other.settled();
    assert.ok(other.faults.length > 0, 'it says so');
    // What it had taken is left to it for two minutes.
    now += 2 * MINUTE;
    isAway.value = false;
    await other.settled();
    for (const key of keys) assert.equal(await store.head(key), null);
    now += DAY;
    await sweep();
    for (const id of ids) assert.equal(await node.stored(id), null);
    await other.close();
  });

  it('purges the attachments of a conversation that is deleted', async () => {
    const { conversationId, ann } = await directOf(node.node);
    const { id } = await node.ready(ann, conversationId, note);
    await node.send(ann, conversationId, id);
    await node.repositories.attachments.startDeletingOfConversation(conversationId, now);
    await sweep();
    const { key = '' } = (await node.stored(id)) ?? {};
    assert.equal(await store.head(key), null);
  });
});
