import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { ObjectStoreError, StoreRefusal } from '@parley/backend-common';

import { MINUTE, ORIGIN, SMALLEST_PART, send, tampered, type Bench } from './bench.ts';

const TYPE = 'video/mp4';
const FIRST = randomBytes(SMALLEST_PART);
const LAST = Buffer.from('the end');

function refusal(expected: StoreRefusal) {
  return { name: 'ObjectStoreError', refusal: expected };
}

/** Uploads in parts, which go straight to the key of the object. */
export function describeMultipart(bench: Bench): void {
  const begin = async () => {
    const key = bench.key();
    return { key, uploadId: await bench.store.createMultipart({ key, contentType: TYPE }) };
  };
  type Upload = Awaited<ReturnType<typeof begin>>;
  const partUrl = (upload: Upload, partNumber: number, contentLength: number) =>
    bench.store.presignPart({ ...upload, partNumber, contentLength, expiresInMs: MINUTE });
  const putPart = async (upload: Upload, partNumber: number, body: Buffer) => {
    const url = await partUrl(upload, partNumber, body.length);
    const answer = await send(url, { method: 'PUT', body, headers: { origin: ORIGIN } });
    assert.equal(answer.status, 200, answer.body.toString());
    assert.equal(answer.headers['access-control-allow-origin'], ORIGIN);
    assert.match(answer.headers['access-control-expose-headers'] ?? '', /etag/i);
    return { partNumber, etag: answer.headers.etag ?? '' };
  };

  describe('an upload in parts', () => {
    it('becomes an object when it is completed, and not before', async () => {
      const upload = await begin();
      const parts = [await putPart(upload, 1, FIRST), await putPart(upload, 2, LAST)];
      assert.equal(await bench.store.head(upload.key), null);
      await bench.store.completeMultipart({ ...upload, parts });
      const stored = await bench.store.head(upload.key);
      assert.equal(stored?.size, FIRST.length + LAST.length);
      assert.equal(stored.contentType, TYPE);
      const range = { start: FIRST.length - 2, end: stored.size };
      const end = Buffer.from(await bench.store.read(upload.key, range));
      assert.deepEqual(end, Buffer.concat([FIRST.subarray(-2), LAST]));
    });

    it('takes a part again, and the last one counts', async () => {
      const upload = await begin();
      await putPart(upload, 1, Buffer.from('first try'));
      const parts = [await putPart(upload, 1, LAST)];
      await bench.store.completeMultipart({ ...upload, parts });
      assert.equal(await text(await bench.store.stream(upload.key)), LAST.toString());
    });

    it('refuses a part of another length, number or upload', async () => {
      const upload = await begin();
      const url = await partUrl(upload, 1, LAST.length);
      const attempt = (to: string, body: Buffer) => send(to, { method: 'PUT', body });
      const numbered = tampered(url, (other) => other.searchParams.set('partNumber', '2'));
      const elsewhere = tampered(url, (other) =>
        other.searchParams.set('uploadId', 'f'.repeat(32)),
      );
      assert.equal((await attempt(url, LAST.subarray(1))).status, 403);
      assert.equal((await attempt(numbered, LAST)).status, 403);
      assert.ok([403, 404].includes((await attempt(elsewhere, LAST)).status));
    });

    it('refuses a part that has expired', async () => {
      const upload = await begin();
      const grant = { ...upload, partNumber: 1, contentLength: LAST.length, expiresInMs: MINUTE };
      const now = () => Date.now() - 2 * MINUTE;
      const url = await bench.with({ now }, (past) => past.presignPart(grant));
      assert.equal((await send(url, { method: 'PUT', body: LAST })).status, 403);
    });

    it('cannot be completed with parts that are missing, other or out of order', async () => {
      const upload = await begin();
      const first = await putPart(upload, 1, FIRST);
      const second = await putPart(upload, 2, LAST);
      const complete = (parts: (typeof first)[]) =>
        bench.store.completeMultipart({ ...upload, parts });
      await assert.rejects(complete([{ ...first, etag: second.etag }]), refusal('invalid_part'));
      await assert.rejects(
        complete([first, { ...second, partNumber: 3 }]),
        refusal('invalid_part'),
      );
      await assert.rejects(complete([second, first]), refusal('invalid_part'));
      assert.equal(await bench.store.head(upload.key), null);
      await complete([first, second]);
    });

    it('cannot be completed with a small part in the middle', async () => {
      const upload = await begin();
      const parts = [await putPart(upload, 1, LAST), await putPart(upload, 2, LAST)];
      await assert.rejects(
        bench.store.completeMultipart({ ...upload, parts }),
        refusal('invalid_part'),
      );
    });

    it('is over once it is completed, whether or not the store lets that be repeated', async () => {
      const upload = await begin();
      const url = await partUrl(upload, 1, LAST.length);
      const parts = [await putPart(upload, 1, LAST)];
      await bench.store.completeMultipart({ ...upload, parts });
      assert.equal((await send(url, { method: 'PUT', body: LAST })).status, 404);
      const [repeat] = await Promise.allSettled([
        bench.store.completeMultipart({ ...upload, parts }),
      ]);
      if (repeat.status === 'rejected') {
        assert.equal((repeat.reason as ObjectStoreError).refusal, 'no_such_upload');
      }
      assert.equal(await text(await bench.store.stream(upload.key)), LAST.toString());
    });

    it('is over once it is aborted, which may be repeated', async () => {
      const upload = await begin();
      const url = await partUrl(upload, 1, LAST.length);
      const parts = [await putPart(upload, 1, LAST)];
      await bench.store.abortMultipart(upload);
      await bench.store.abortMultipart(upload);
      assert.equal((await send(url, { method: 'PUT', body: LAST })).status, 404);
      await assert.rejects(
        bench.store.completeMultipart({ ...upload, parts }),
        refusal('no_such_upload'),
      );
      assert.equal(await bench.store.head(upload.key), null);
    });

    it('belongs to its key', async () => {
      const upload = await begin();
      const parts = [await putPart(upload, 1, LAST)];
      await assert.rejects(
        bench.store.completeMultipart({ ...upload, key: bench.key(), parts }),
        refusal('no_such_upload'),
      );
    });

    it('never begun cannot be completed, and its abort is fine', async () => {
      const upload = { key: bench.key(), uploadId: '0'.repeat(32) };
      const parts = [{ partNumber: 1, etag: '"0123456789abcdef0123456789abcdef"' }];
      await assert.rejects(
        bench.store.completeMultipart({ ...upload, parts }),
        refusal('no_such_upload'),
      );
      await bench.store.abortMultipart(upload);
    });
  });
}
