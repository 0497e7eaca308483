import assert from 'node:assert/strict';

import { AppError, LIMITS } from '@parley/common';

import type { UploadPhase } from '../src/index.ts';
import { PART } from './support/attachments.ts';
import type { PutOutcome } from './support/fake-store.ts';
import { fileOf, UploadScene } from './support/upload-scene.ts';

describe('An upload', () => {
  let at: UploadScene;
  beforeEach(async () => {
    at = await UploadScene.open();
  });
  afterEach(() => at.scene.close());

  it('goes in one request and is sent with its caption', async () => {
    const client = await at.client({ digest: () => Promise.resolve('ab'.repeat(32)) });
    const file = new File([await fileOf(900).bytes()], 'a\u0000/b.png', { type: 'image/png' });
    client.uploads!.send(at.conversation.id, file, { text: 'look', width: 40, height: 30.4 });
    const [shown] = at.messages(client);
    assert.deepEqual(
      [shown?.text, shown?.attachment?.id, shown?.attachment?.name, shown?.attachment?.kind],
      ['look', null, 'a_b.png', 'image'],
    );
    await at.sent(client);
    const [created] = at.calls('attachment:create');
    assert.deepEqual(created, {
      conversationId: at.conversation.id,
      name: 'a_b.png',
      contentType: 'image/png',
      size: 900,
      sha256: 'ab'.repeat(32),
      width: 40,
      height: 30,
    });
    const [entry] = at.messages(client);
    assert.equal(entry?.key, shown?.key);
    const id = entry?.attachment?.id ?? '';
    assert.deepEqual(await at.store.read(id), Buffer.from(await file.bytes()));
    assert.equal(at.calls('attachment:complete')[0]?.['parts'], undefined);
    assert.deepEqual(await at.kept(), []);
  });

  it('goes in parts, three at a time, above the size of one request', async () => {
    const client = await at.client();
    const file = fileOf(7 * PART + 1);
    at.send(client, file);
    await at.sent(client);
    assert.equal(at.store.most, 3);
    assert.equal(at.store.puts.length, 8);
    const parts = at.calls('attachment:complete')[0]?.['parts'] as { partNumber: number }[];
    assert.deepEqual(
      parts.map(({ partNumber }) => partNumber).sort((a, b) => a - b),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
    const id = at.messages(client)[0]?.attachment?.id ?? '';
    assert.deepEqual(await at.store.read(id), Buffer.from(await file.bytes()));
  });

  it('reports its progress, never above the size', async () => {
    const client = await at.client();
    const phases = new Set<UploadPhase>();
    const sizes: number[] = [];
    client.conversation(at.conversation.id).timeline.subscribe(() => {
      const delivery = at.last(client);
      if (delivery?.state !== 'sending' || delivery.upload === undefined) return;
      phases.add(delivery.upload.phase);
      sizes.push(delivery.upload.sentBytes);
      assert.equal(delivery.upload.size, 6 * PART);
    });
    at.store.outcome = () =>
      new Promise<PutOutcome>((resolve) => {
        at.scene.time.setTimeout(() => resolve('store'), 200);
      });
    at.send(client, fileOf(6 * PART));
    await at.sent(client);
    assert.deepEqual([...phases], ['waiting', 'sending', 'checking']);
    assert.ok(sizes.some((bytes) => bytes > 0 && bytes < 6 * PART));
    assert.ok(sizes.every((bytes) => bytes <= 6 * PART));
    assert.equal(sizes.at(-1), 6 * PART);
  });

  it('keeps its place: later messages wait, those of other conversations do not', async () => {
    const other = at.scene.server.world.conversation([at.scene.ada, at.scene.bob], 'Group');
    const client = await at.client();
    let open: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      open = resolve;
    });
    at.store.outcome = () => closed.then(() => 'store' as const);
    const { send } = client.conversation(at.conversation.id);
    send('1');
    at.send(client, fileOf(10, 'two'));
    send('3');
    at.send(client, fileOf(10, 'four'));
    send('5');
    client.conversation(other.id).send('elsewhere');
    await at.scene.until('the first', () => at.stored().length === 1);
    await at.scene.until('elsewhere', () => other.entries.length === 2);
    await at.scene.until('both files on their way', () => at.store.puts.length === 2);
    assert.deepEqual(at.stored(), ['1']);
    open();
    await at.sent(client);
    assert.deepEqual(at.stored(), ['1', 'two', '3', 'four', '5']);
  });

  it('is sent with at most one other at a time', async () => {
    const client = await at.client();
    at.store.outcome = () => 'hang';
    for (const name of ['a', 'b', 'c', 'd']) at.send(client, fileOf(10, name));
    await at.scene.until('two', () => at.store.puts.length === 2);
    await at.scene.time.advance(1_000);
    assert.equal(at.calls('attachment:create').length, 2);
    const waiting = at.deliveries(client).map((delivery) => {
      return delivery?.state === 'sending' ? delivery.upload?.phase : delivery?.state;
    });
    assert.deepEqual(waiting, ['sending', 'sending', 'waiting', 'waiting']);
  });

  it('waits until other uploads of the user have finished', async () => {
    const client = await at.client();
    let refusals = 3;
    at.scene.server.outcome = ({ name }) => {
      if (name !== 'attachment:create' || refusals === 0) return 'answer';
      refusals -= 1;
      return new AppError('limit_reached');
    };
    at.send(client, fileOf(10));
    await at.sent(client);
    assert.equal(at.calls('attachment:create').length, 4);
  });

  for (const code of ['quota_exceeded', 'not_found', 'blocked', 'limit_reached'] as const) {
    it(`fails with ${code} where the server says so, and those behind it go on`, async () => {
      const client = await at.client();
      at.scene.server.outcome = ({ name }) =>
        name === 'attachment:create' ? new AppError(code) : 'answer';
      const id = at.send(client, fileOf(10));
      client.conversation(at.conversation.id).send('behind');
      await at.scene.until('behind', () => at.stored().length === 1);
      const failed = at.messages(client).find(({ clientId }) => clientId === id)?.delivery;
      assert.equal(failed?.state === 'failed' && failed.code, code);
      at.scene.server.outcome = () => 'answer';
      client.conversation(at.conversation.id).retry(id);
      await at.sent(client);
      assert.deepEqual(at.stored(), ['behind', '10.bin']);
    });
  }

  it('fails where there is no store', async () => {
    at.scene.server.world.attachments = null;
    const client = await at.client();
    at.send(client, fileOf(10));
    assert.equal(await at.failed(client), 'unavailable');
  });

  it('fails if it is not what was announced, and is announced again by a retry', async () => {
    const client = await at.client();
    at.scene.server.outcome = ({ name }) =>
      name === 'attachment:complete' ? new AppError('upload_mismatch') : 'answer';
    const id = at.send(client, fileOf(10));
    assert.equal(await at.failed(client), 'upload_mismatch');
    assert.equal(at.calls('attachment:create').length, 1);
    at.scene.server.outcome = () => 'answer';
    client.conversation(at.conversation.id).retry(id);
    await at.sent(client);
    assert.equal(at.calls('attachment:create').length, 2);
  });

  it('is refused at once where the server would refuse it', async () => {
    const client = await at.client();
    const huge = { name: 'a', type: '', size: LIMITS.attachmentBytes + 1 };
    const { send } = client.uploads!;
    assert.throws(() => send(at.conversation.id, huge), { code: 'payload_too_large' });
    assert.throws(() => send(at.conversation.id, fileOf(0)), { code: 'invalid_input' });
    assert.throws(() => send(at.conversation.id, fileOf(1), { text: ' ' }), {
      code: 'invalid_input',
    });
    assert.throws(() => send(at.conversation.id, fileOf(1), { replyTo: 'x' }), {
      code: 'not_found',
    });
    assert.deepEqual(at.messages(client), []);
  });

  it('keeps a name that servers take, with its ending', async () => {
    const client = await at.client();
    const names = [`${'ä'.repeat(200)}.jpeg`, '\u202e..', '../../etc/passwd', ' \u200b'];
    for (const name of names) at.send(client, fileOf(1, name));
    const shown = at.messages(client).map(({ attachment }) => attachment?.name ?? '');
    assert.equal(shown[0], `${'ä'.repeat(125)}.jpeg`);
    assert.deepEqual(shown.slice(1), ['..', '.._.._etc_passwd', 'file']);
    await at.sent(client);
  });

  it('is shown in the list and in replies, and leaves both when it is deleted', async () => {
    const client = await at.client();
    at.send(client, fileOf(10, 'plan.pdf'));
    const row = () => client.conversations.get().conversations[0]?.lastMessage;
    assert.deepEqual([row()?.text, row()?.attachment?.name], [null, 'plan.pdf']);
    await at.sent(client);
    assert.equal(row()?.attachment?.name, 'plan.pdf');
    const messageId = at.messages(client)[0]?.messageId ?? '';
    client.conversation(at.conversation.id).send('this one', { replyTo: messageId });
    await at.sent(client);
    assert.equal(at.messages(client)[1]?.replyTo?.attachment?.name, 'plan.pdf');
    await client.conversation(at.conversation.id).deleteMessage(messageId);
    const [gone, reply] = at.messages(client);
    assert.deepEqual([gone?.deleted, gone?.attachment], [true, null]);
    assert.deepEqual([reply?.replyTo?.deleted, reply?.replyTo?.attachment], [true, null]);
  });

  it('is linked to by the same link while it holds', async () => {
    const client = await at.client();
    at.send(client, fileOf(10));
    await at.sent(client);
    const id = at.messages(client)[0]?.attachment?.id ?? '';
    const { url } = client.uploads!;
    const both = await Promise.all([url(id), url(id)]);
    assert.equal(new Set(both).size, 1);
    await at.scene.time.advance(100_000);
    assert.equal(await url(id), both[0]);
    await url(id, 'thumbnail');
    assert.equal(at.calls('attachment:url').length, 2);
    await at.scene.time.advance(10_000);
    assert.notEqual(await url(id), both[0]);
    await assert.rejects(url('nothing'), { code: 'not_found' });
  });
});
