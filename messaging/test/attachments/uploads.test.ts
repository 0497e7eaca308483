import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { ObjectStoreSettings, S3ObjectStore } from '@parley/backend-common';
import {
  manualTimers,
  testObjectStore,
  testObjectStoreSettings,
  type TestMongo,
} from '@parley/backend-common/testing';
import { DAY, HOUR, LIMITS, SECOND } from '@parley/common';
import type { OperationCall } from '@parley/common/contract';

import { createAttachmentRepositories } from '../../src/attachments/repositories.ts';
import { AttachmentNode, get, put } from '../support/attachment-node.ts';
import { deferred } from '../support/deferred.ts';
import { html, picture, text } from '../support/files.ts';
import { intercepted } from '../support/recorded-store.ts';
import { directOf, newId, testDatabase } from '../support/test-log.ts';

const note = text('Hello');

describe('an upload', () => {
  let mongo: TestMongo;
  let settings: ObjectStoreSettings;
  let store: S3ObjectStore;
  let node: AttachmentNode;
  let now = Date.now();
  let conversationId = '';
  let ann = '';
  let ben = '';
  before(async () => {
    mongo = await testDatabase();
    settings = testObjectStoreSettings();
    store = testObjectStore({ settings });
    node = new AttachmentNode(mongo, { store, now: () => now });
  });
  beforeEach(async () => {
    ({ conversationId, ann, ben } = await directOf(node.node));
  });
  after(async () => {
    await node.close();
    store.close();
    await mongo.drop();
  });

  const announcement = (
    change: Partial<OperationCall<'attachment:create'>> = {},
  ): OperationCall<'attachment:create'> => ({
    ...{ conversationId, name: note.name, contentType: note.contentType },
    size: note.bytes.length,
    ...change,
  });

  it('is announced by members only, under a random key', async () => {
    assert.equal(await node.refusal(newId(), 'attachment:create', announcement()), 'not_found');
    const { attachment, upload } = await node.call(ann, 'attachment:create', announcement());
    assert.equal(attachment.state, 'pending');
    assert.ok(upload.kind === 'single');
    for (const secret of [conversationId, ann, attachment.id, 'note']) {
      assert.ok(!upload.url.includes(secret));
    }
  });

  it('is refused with an impossible name or size', async () => {
    const { input } = (await import('@parley/common/contract')).operations['attachment:create'];
    const wrong = [
      'a\nb.txt',
      'a/b',
      'a\\b',
      '',
      ' ',
      'a\u202egnp.exe',
      'x'.repeat(256),
      'ä'.repeat(128),
    ];
    for (const name of wrong) assert.ok(!input.safeParse(announcement({ name })).success, name);
    for (const size of [0, -1, 1.5, LIMITS.attachmentBytes + 1]) {
      assert.ok(!input.safeParse(announcement({ size })).success);
    }
    for (const name of ['"quoted".txt', 'تقرير.pdf', 'ä'.repeat(127)]) {
      assert.ok(input.safeParse(announcement({ name })).success, name);
    }
  });

  it('is ready once the stored object passed its check, also on a repeated request', async () => {
    const { id: attachmentId } = await node.upload(ann, conversationId, note);
    const first = await node.call(ann, 'attachment:complete', { attachmentId });
    assert.equal(first.state, 'ready');
    assert.deepEqual(await node.call(ann, 'attachment:complete', { attachmentId }), first);
  });

  it('can be continued by its owner only', async () => {
    const { id: attachmentId } = await node.upload(ann, conversationId, note);
    for (const name of ['attachment:resume', 'attachment:complete', 'attachment:cancel'] as const) {
      assert.equal(await node.refusal(ben, name, { attachmentId }), 'not_found');
    }
  });

  it('is incomplete until the bytes are stored', async () => {
    const { attachment, upload } = await node.call(ann, 'attachment:create', announcement());
    const completion = { attachmentId: attachment.id };
    for (let time = 0; time < 2; time += 1) {
      assert.equal(await node.refusal(ann, 'attachment:complete', completion), 'upload_incomplete');
    }
    assert.ok(upload.kind === 'single');
    assert.equal((await put(upload.url, note.bytes, upload.headers)).status, 200);
    assert.equal((await node.call(ann, 'attachment:complete', completion)).state, 'ready');
  });

  it('can be resumed with new URLs for a day', async () => {
    const { id: attachmentId } = (await node.call(ann, 'attachment:create', announcement()))
      .attachment;
    const { upload } = await node.call(ann, 'attachment:resume', { attachmentId });
    assert.ok(upload.kind === 'single');
    assert.equal(upload.expiresAt, now + HOUR);
    assert.equal((await node.stored(attachmentId))?.urlsEndAt, now + HOUR);
    const named = { attachmentId, partNumbers: [1] };
    assert.equal(await node.refusal(ann, 'attachment:resume', named), 'invalid_input');
    now += DAY;
    assert.equal(await node.refusal(ann, 'attachment:resume', { attachmentId }), 'not_found');
  });

  it('is refused by its URL after an hour, and accepted by a new one', async () => {
    const yesterday = testObjectStore({ settings, now: () => Date.now() - 2 * HOUR });
    const early = new AttachmentNode(mongo, { store: yesterday, now: () => now });
    const { attachment, upload } = await early.call(ann, 'attachment:create', announcement());
    assert.ok(upload.kind === 'single');
    assert.equal((await put(upload.url, note.bytes, upload.headers)).status, 403);
    const attachmentId = attachment.id;
    assert.equal(
      await node.refusal(ann, 'attachment:complete', { attachmentId }),
      'upload_incomplete',
    );
    const resumed = await node.call(ann, 'attachment:resume', { attachmentId });
    assert.ok(resumed.upload.kind === 'single');
    const { headers, url } = resumed.upload;
    assert.equal((await put(url, note.bytes, headers)).status, 200);
    assert.equal((await node.call(ann, 'attachment:complete', { attachmentId })).state, 'ready');
    await early.close();
    yesterday.close();
  });

  it('is found complete when the answer of the store was lost', async () => {
    let isLost = true;
    const forgetful = intercepted(store, async (name, _, call) => {
      const answer = await call();
      if (name !== 'completeMultipart' || !isLost) return answer;
      isLost = false;
      throw new Error('The answer was lost');
    });
    const other = new AttachmentNode(mongo, { store: forgetful, now: () => now });
    const bytes = randomBytes(LIMITS.attachmentPartBytes + 1_000);
    const large = { name: 'large.bin', contentType: 'application/octet-stream', bytes };
    const { attachment, parts } = await node.uploaded(ann, conversationId, large);
    const attachmentId = attachment.id;
    await assert.rejects(other.call(ann, 'attachment:complete', { attachmentId, parts }));
    assert.equal((await node.stored(attachmentId))?.state, 'uploading');
    const { state } = await other.call(ann, 'attachment:complete', { attachmentId, parts });
    assert.equal(state, 'ready');
    await other.close();
  });

  it('is checked by another node when the first does not renew its lease for 15 seconds', async () => {
    const [reached, held] = [deferred(), deferred()];
    const stuck = intercepted(store, async (name, _, call) => {
      if (name === 'read') {
        reached.resolve();
        await held.promise;
      }
      return call();
    });
    const { setTimer } = manualTimers();
    const slow = new AttachmentNode(mongo, {
      ...{ store: stuck, now: () => now },
      repositories: createAttachmentRepositories(mongo.db, { now: () => now, setTimer }),
    });
    const { id: attachmentId } = await node.upload(ann, conversationId, note);
    const first = slow.call(ann, 'attachment:complete', { attachmentId });
    await reached.promise;
    assert.equal(await node.refusal(ann, 'attachment:complete', { attachmentId }), 'conflict');
    now += 15 * SECOND;
    assert.equal((await node.call(ann, 'attachment:complete', { attachmentId })).state, 'ready');
    held.resolve();
    assert.equal((await first).state, 'ready', 'the first answers what the second found');
    assert.equal((await node.stored(attachmentId))?.state, 'ready');
    const url = await node.call(ann, 'attachment:url', { attachmentId });
    assert.deepEqual((await get(url.url)).bytes, Buffer.from(note.bytes));
    await slow.close();
  });

  it('is deleted with its objects when the checksum differs', async () => {
    const sha256 = createHash('sha256').update('Hallo').digest('hex');
    const { attachment, upload } = await node.call(ann, 'attachment:create', announcement());
    const completion = { attachmentId: attachment.id };
    assert.ok(upload.kind === 'single');
    await put(upload.url, note.bytes, upload.headers);
    // Stores that compare checksums refuse such an upload themselves, so it is announced afterwards.
    const of = { _id: attachment.id };
    await mongo.db.collection<{ _id: string }>('attachments').updateOne(of, { $set: { sha256 } });
    const incomingKey = (await node.stored(attachment.id))?.incomingKey ?? '';
    assert.notEqual(await store.head(incomingKey), null);
    assert.equal(await node.refusal(ann, 'attachment:complete', completion), 'upload_mismatch');
    assert.equal(await node.refusal(ann, 'attachment:complete', completion), 'not_found');
    await node.settled();
    const doomed = await node.stored(attachment.id);
    assert.equal(doomed?.state, 'doomed');
    for (const key of [incomingKey, doomed.key ?? '']) assert.equal(await store.head(key), null);
  });

  it('has the type of its content, not the announced one', async () => {
    const { bytes } = await picture('webp', { width: 30, height: 20 });
    const files: [name: string, announced: string, bytes: Uint8Array, becomes: string[]][] = [
      ['photo.jpg', 'image/jpeg', bytes, ['image/webp', 'image']],
      ['page.png', 'image/png', html().bytes, ['text/html', 'file']],
      ['noise.mp4', 'video/mp4', Buffer.from([0, 1, 2, 3]), ['application/octet-stream', 'file']],
    ];
    for (const [name, contentType, content, becomes] of files) {
      const { id } = await node.upload(ann, conversationId, { name, contentType, bytes: content });
      assert.equal((await node.stored(id))?.contentType, contentType);
      const checked = await node.call(ann, 'attachment:complete', { attachmentId: id });
      assert.deepEqual([checked.contentType, checked.kind], becomes);
      const { attachment } = await node.send(ann, conversationId, id);
      assert.deepEqual([attachment?.contentType, attachment?.kind], becomes);
      const { url } = await node.call(ann, 'attachment:url', { attachmentId: id });
      const served = await get(url);
      const isShown = checked.kind !== 'file';
      const expected = isShown ? checked.contentType : 'application/octet-stream';
      assert.equal(served.headers.get('content-type'), expected);
      const disposition = served.headers.get('content-disposition') ?? '';
      assert.ok(disposition.startsWith(isShown ? 'inline;' : 'attachment;'), disposition);
    }
  });

  it('is served without what its sender put beside the bytes', async () => {
    const bytes = gzipSync(Buffer.alloc(100_000));
    const sent = {
      ...{ 'content-encoding': 'gzip', 'content-disposition': 'inline', 'content-language': 'xx' },
      ...{ 'cache-control': 'public, max-age=31536000', expires: 'Tue, 01 Dec 2099 00:00:00 GMT' },
    };
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const announced = announcement({ name: 'zeros.gz', size: bytes.length, sha256 });
    const { attachment, upload } = await node.call(ann, 'attachment:create', announced);
    const attachmentId = attachment.id;
    assert.ok(upload.kind === 'single');
    assert.equal((await put(upload.url, bytes, { ...upload.headers, ...sent })).status, 200);
    const checked = await node.call(ann, 'attachment:complete', { attachmentId });
    assert.equal(checked.contentType, 'application/gzip');
    const { url } = await node.call(ann, 'attachment:url', { attachmentId });
    const served = await get(url);
    assert.deepEqual(served.bytes, bytes);
    for (const name of ['content-encoding', 'content-language', 'cache-control', 'expires']) {
      assert.equal(served.headers.get(name), null, name);
    }
    assert.equal(served.headers.get('content-type'), 'application/octet-stream');
    assert.match(served.headers.get('content-disposition') ?? '', /^attachment; /);
  });

  it('cannot bring headers of S3 that were not signed', async () => {
    const unsigned = {
      'x-amz-meta-note': 'mine',
      'x-amz-acl': 'public-read',
      'x-amz-tagging': 'a=b',
      'x-amz-storage-class': 'GLACIER',
      'x-amz-website-redirect-location': 'https://elsewhere.example',
    };
    const { attachment, upload } = await node.call(ann, 'attachment:create', announcement());
    const completion = { attachmentId: attachment.id };
    assert.ok(upload.kind === 'single');
    for (const [name, value] of Object.entries(unsigned)) {
      const { status } = await put(upload.url, note.bytes, { ...upload.headers, [name]: value });
      assert.ok(status >= 400, name);
      assert.equal(await node.refusal(ann, 'attachment:complete', completion), 'upload_incomplete');
    }
  });

  it('in parts is served without what its sender put beside a part', async () => {
    const bytes = randomBytes(LIMITS.attachmentPartBytes + 10);
    const announced = announcement({
      name: 'large.html',
      contentType: 'text/html',
      size: bytes.length,
    });
    const { attachment, upload } = await node.call(ann, 'attachment:create', announced);
    assert.ok(upload.kind === 'multipart');
    const { partSize } = upload;
    const parts = [];
    for (const { partNumber, url } of upload.parts) {
      const body = bytes.subarray((partNumber - 1) * partSize, partNumber * partSize);
      const { etag } = await put(url, body, {
        'content-encoding': 'gzip',
        'content-type': 'text/html',
      });
      parts.push({ partNumber, etag });
    }
    const attachmentId = attachment.id;
    await node.call(ann, 'attachment:complete', { attachmentId, parts });
    const { key = '' } = (await node.stored(attachmentId)) ?? {};
    assert.equal((await store.head(key))?.contentType, 'application/octet-stream');
    const { url } = await node.call(ann, 'attachment:url', { attachmentId });
    const { bytes: served, headers } = await get(url);
    assert.ok(served.equals(bytes));
    assert.equal(headers.get('content-encoding'), null);
  }).timeout(60_000);

  it('is ready when the checksum matches', async () => {
    const sha256 = createHash('sha256').update(note.bytes).digest('hex');
    const announced = announcement({ sha256 });
    const { attachment, upload } = await node.call(ann, 'attachment:create', announced);
    assert.ok(upload.kind === 'single');
    await put(upload.url, note.bytes, upload.headers);
    const checked = await node.call(ann, 'attachment:complete', { attachmentId: attachment.id });
    assert.equal(checked.state, 'ready');
  });

  it('cannot be changed through its URL once it is ready', async () => {
    const { attachment, upload } = await node.call(ann, 'attachment:create', announcement());
    assert.ok(upload.kind === 'single');
    await put(upload.url, note.bytes, upload.headers);
    await node.call(ann, 'attachment:complete', { attachmentId: attachment.id });
    await node.settled();
    await put(upload.url, Buffer.from('Hallo'), upload.headers);
    const { url } = await node.call(ann, 'attachment:url', { attachmentId: attachment.id });
    assert.equal((await get(url)).bytes.toString(), 'Hello');
  });

  it('is one of at most five unfinished ones, also when many start at once', async () => {
    const begin = () => node.refusal(ann, 'attachment:create', announcement());
    const refusals = await Promise.all(Array.from({ length: 12 }, begin));
    assert.equal(refusals.filter((code) => code === undefined).length, LIMITS.pendingUploads);
    assert.equal(refusals.filter((code) => code === 'limit_reached').length, 7);
    const pending = (await node.all()).filter((each) => each.conversationId === conversationId);
    const [first, second] = pending.map(({ _id }) => ({ attachmentId: _id }));
    await node.call(ann, 'attachment:cancel', first!);
    assert.equal(await begin(), undefined);
    assert.equal(await begin(), 'limit_reached');
    assert.deepEqual(await node.call(ann, 'attachment:cancel', first!), {});
    assert.equal(await node.refusal(ann, 'attachment:complete', first!), 'not_found');
    assert.equal(await node.refusal(ann, 'attachment:complete', second!), 'upload_incomplete');
  });

  it('counts against the daily quota, also when many start at once', async () => {
    const tight = new AttachmentNode(mongo, { store, now: () => now, bytesPerDay: 12 });
    const begin = () => tight.refusal(ann, 'attachment:create', announcement());
    const refusals = await Promise.all([begin(), begin(), begin(), begin()]);
    assert.equal(refusals.filter((code) => code === undefined).length, 2);
    assert.equal(refusals.filter((code) => code === 'quota_exceeded').length, 2);
    now += DAY;
    assert.equal(await begin(), undefined);
    await tight.close();
  });

  it('of a large file has parts, whose URLs end when it is complete', async () => {
    const bytes = randomBytes(LIMITS.attachmentPartBytes + 100_000);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const announced = announcement({
      ...{ name: 'large.bin', contentType: 'application/octet-stream' },
      ...{ size: bytes.length, sha256 },
    });
    const { attachment, upload } = await node.call(ann, 'attachment:create', announced);
    assert.ok(upload.kind === 'multipart');
    assert.deepEqual(
      upload.parts.map(({ partNumber }) => partNumber),
      [1, 2],
    );
    const [one, two] = [bytes.subarray(0, upload.partSize), bytes.subarray(upload.partSize)];
    const first = await put(upload.parts[0]!.url, one);
    const attachmentId = attachment.id;
    const parts = [{ partNumber: 1, etag: first.etag }];
    assert.equal(
      await node.refusal(ann, 'attachment:complete', { attachmentId, parts }),
      'invalid_input',
    );
    const resumed = await node.call(ann, 'attachment:resume', { attachmentId, partNumbers: [2] });
    assert.ok(resumed.upload.kind === 'multipart' && resumed.upload.parts.length === 1);
    const second = await put(resumed.upload.parts[0]!.url, two);
    const all = [{ partNumber: 2, etag: second.etag }, ...parts];
    const wrong = [{ partNumber: 2, etag: '"00000000000000000000000000000000"' }, ...parts];
    const early = { attachmentId, parts: wrong };
    assert.equal(await node.refusal(ann, 'attachment:complete', early), 'upload_incomplete');
    const checked = await node.call(ann, 'attachment:complete', { attachmentId, parts: all });
    assert.equal(checked.state, 'ready');
    // Refused, by some stores without being read to its end.
    const again = put(upload.parts[0]!.url, randomBytes(one.length));
    assert.notEqual(await again.then(({ status }) => status).catch(() => 0), 200);
    const { url } = await node.call(ann, 'attachment:url', { attachmentId });
    const { bytes: read } = await get(url);
    assert.equal(createHash('sha256').update(read).digest('hex'), sha256);
  }).timeout(60_000);
});
