import assert from 'node:assert/strict';
import type { S3ObjectStore } from '@parley/backend-common';
import { testObjectStore, type TestMongo } from '@parley/backend-common/testing';
import sharp from 'sharp';

import { openImaging } from '../../src/attachments/imaging.ts';
import type { Imaging } from '../../src/attachments/ports.ts';
import { AttachmentNode, get } from '../support/attachment-node.ts';
import { deferred } from '../support/deferred.ts';
import { bomb, fixture, photograph, picture, svg, text } from '../support/files.ts';
import { directOf, stored, testDatabase } from '../support/test-log.ts';

describe('thumbnails', () => {
  let mongo: TestMongo;
  let store: S3ObjectStore;
  let imaging: Imaging;
  let node: AttachmentNode;
  before(async () => {
    mongo = await testDatabase();
    store = testObjectStore();
    imaging = openImaging();
    node = new AttachmentNode(mongo, { store, imaging });
  });
  after(async () => {
    await node.close();
    store.close();
    await mongo.drop();
  });

  const thumbnailOf = async (userId: string, attachmentId: string) => {
    const asked = { attachmentId, variant: 'thumbnail' } as const;
    const { url } = await node.call(userId, 'attachment:url', asked);
    const answer = await get(url);
    assert.equal(answer.headers.get('content-type'), 'image/webp');
    return answer.bytes;
  };
  const lastOf = async ({ conversationId }: { conversationId: string }) => {
    const entry = (await stored(mongo, conversationId)).at(-1);
    assert.ok(entry?.kind === 'message');
    return entry.attachment;
  };

  it('are made of every image type, within 512 pixels', async () => {
    const { conversationId, ann } = await directOf(node.node);
    const files = [
      await picture('png'),
      await picture('jpeg'),
      await picture('webp'),
      await picture('avif', { width: 300, height: 200 }),
      fixture('moving.gif', 'image/gif'),
      await picture('tiff'),
    ];
    for (const file of files) {
      const { id } = await node.ready(ann, conversationId, file);
      await node.settled();
      const {
        format,
        height,
        pages = 1,
        width,
      } = await sharp(await thumbnailOf(ann, id)).metadata();
      assert.deepEqual([format, pages], ['webp', 1], file.name);
      assert.ok(width <= 512 && height <= 512);
      await node.send(ann, conversationId, id);
      assert.equal((await lastOf({ conversationId }))?.thumbnail, true);
    }
    assert.deepEqual(node.faults, []);
  });

  it('are made of HEIC if the image library can read it', async () => {
    const { conversationId, ann } = await directOf(node.node);
    const { input } = sharp.format.heif;
    const canRead = input.fileSuffix?.includes('.heic') === true;
    const photo = { ...fixture('corpus/picture.heic', 'image/heic'), name: 'IMG_1.HEIC' };
    const { id, kind } = await node.ready(ann, conversationId, photo);
    await node.settled();
    const made = (await node.stored(id))?.thumbnail;
    assert.deepEqual([kind, made], ['file', canRead ? 'made' : 'none']);
  });

  it('have no metadata of the camera, and are upright', async () => {
    const { conversationId, ann } = await directOf(node.node);
    const photo = await photograph();
    assert.ok(Buffer.from(photo.bytes).includes('Planted Camera'));
    const attachment = await node.ready(ann, conversationId, photo);
    assert.deepEqual([attachment.width, attachment.height], [600, 900]);
    await node.settled();
    const small = await thumbnailOf(ann, attachment.id);
    const { exif, height, width } = await sharp(small).metadata();
    assert.deepEqual([width, height, exif], [341, 512, undefined]);
    assert.ok(!small.includes('Planted Camera'));
  });

  it('are recorded in a message that was sent before they were made', async () => {
    const held = deferred();
    const slow: Imaging = {
      ...imaging,
      thumbnail: (bytes) => held.promise.then(() => imaging.thumbnail(bytes)),
    };
    const busy = new AttachmentNode(mongo, { store, imaging: slow });
    const { conversationId, ann } = await directOf(busy.node);
    const { id: attachmentId } = await busy.ready(ann, conversationId, await picture('png'));
    const entry = await busy.send(ann, conversationId, attachmentId);
    assert.equal(entry.attachment?.thumbnail, false);
    const asked = { attachmentId, variant: 'thumbnail' } as const;
    assert.equal(await busy.refusal(ann, 'attachment:url', asked), 'not_found');
    held.resolve();
    await busy.settled();
    assert.equal((await lastOf({ conversationId }))?.thumbnail, true);
    const payload = { attachmentId, conversationId, thumbnail: true };
    assert.deepEqual(busy.told, [[{ conversationId }, 'attachment', payload]]);
    assert.equal(await busy.refusal(ann, 'attachment:url', asked), undefined);
    await busy.close();
  });

  it('can be fetched when the members hear of them', async () => {
    const held = deferred();
    const asked: Promise<string | undefined>[] = [];
    const busy: AttachmentNode = new AttachmentNode(mongo, {
      store,
      imaging: {
        ...imaging,
        thumbnail: (bytes) => held.promise.then(() => imaging.thumbnail(bytes)),
      },
      onEvent: () => {
        asked.push(busy.refusal(ann, 'attachment:url', { attachmentId, variant: 'thumbnail' }));
      },
    });
    const { conversationId, ann } = await directOf(busy.node);
    const { id: attachmentId } = await busy.ready(ann, conversationId, await picture('png'));
    await busy.send(ann, conversationId, attachmentId);
    held.resolve();
    await busy.settled();
    assert.deepEqual(await Promise.all(asked), [undefined]);
    await busy.close();
  });

  it('are not made of images that are too large or damaged, or of other files', async () => {
    const { conversationId, ann } = await directOf(node.node);
    const png = await picture('png');
    const broken = { ...png, bytes: Buffer.from(png.bytes).subarray(0, png.bytes.length - 60) };
    const before = process.memoryUsage().rss;
    const large = await bomb();
    const { width, height, thumbnail } = await node.ready(ann, conversationId, large);
    assert.deepEqual([width, height, thumbnail], [16_000, 16_000, false]);
    for (const file of [large, broken, svg(), text('Hello')]) {
      const { id: attachmentId } = await node.ready(ann, conversationId, file);
      await node.settled();
      const asked = { attachmentId, variant: 'thumbnail' } as const;
      assert.equal(await node.refusal(ann, 'attachment:url', asked), 'not_found', file.name);
      assert.equal(await node.refusal(ann, 'attachment:url', { attachmentId }), undefined);
    }
    assert.ok(process.memoryUsage().rss - before < 1_000 * 1024 ** 2);
    assert.deepEqual(node.faults, []);
  }).timeout(60_000);

  it('are removed when their image was deleted before they were made', async () => {
    const held = deferred();
    const slow: Imaging = {
      ...imaging,
      thumbnail: (bytes) => held.promise.then(() => imaging.thumbnail(bytes)),
    };
    const busy = new AttachmentNode(mongo, { store, imaging: slow });
    const { conversationId, ann } = await directOf(busy.node);
    const { id } = await busy.ready(ann, conversationId, await picture('png'));
    const { thumbnailKey = '' } = (await busy.stored(id)) ?? {};
    await busy.call(ann, 'attachment:cancel', { attachmentId: id });
    await busy.files.sweeper?.sweepNow();
    held.resolve();
    await busy.settled();
    assert.equal(await store.head(thumbnailKey), null);
    await busy.close();
  });

  it('are tried again after a node died', async () => {
    const { conversationId, ann } = await directOf(node.node);
    let now = Date.now();
    const dead = new AttachmentNode(mongo, {
      ...{ store, now: () => now },
      imaging: { ...imaging, thumbnail: () => Promise.reject(new Error('died')) },
    });
    const { id } = await dead.ready(ann, conversationId, await picture('jpeg'));
    await dead.settled();
    await dead.close();
    assert.equal((await node.stored(id))?.thumbnail, 'due');
    now += 5 * 60_000;
    const other = new AttachmentNode(mongo, { store, imaging, now: () => now });
    await other.settled();
    assert.equal((await other.stored(id))?.thumbnail, 'made');
    await other.close();
  });

  it('are not made without an image library, and everything else works', async () => {
    const plain = new AttachmentNode(mongo, { store });
    const { conversationId, ann } = await directOf(plain.node);
    const { id, thumbnail } = await plain.ready(ann, conversationId, await picture('png'));
    await plain.send(ann, conversationId, id);
    assert.equal(thumbnail, false);
    assert.equal((await plain.stored(id))?.thumbnail, 'none');
    await plain.close();
  });
});
