import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';

import { MINUTE, send, tampered, type Bench } from './bench.ts';

const CONTENT = Buffer.from('0123456789');
const TYPE = 'text/plain';

/** Objects as a service handles them, and the downloads that it grants. */
export function describeObjects(bench: Bench): void {
  const stored = async () => {
    const key = bench.key();
    await bench.store.put({ key, body: CONTENT, contentType: TYPE });
    return key;
  };
  const read = async (key: string, start: number, end: number) =>
    Buffer.from(await bench.store.read(key, { start, end })).toString();
  const missing = { name: 'ObjectStoreError', refusal: 'missing' };

  describe('an object', () => {
    it('is read in whole and in ranges', async () => {
      const key = await stored();
      assert.deepEqual(await buffer(await bench.store.stream(key)), CONTENT);
      assert.equal(await read(key, 0, 4), '0123');
      assert.equal(await read(key, 4, 5), '4');
      assert.equal(await read(key, 8, 1_000), '89');
      assert.equal(await read(key, 10, 20), '');
      assert.equal(await read(key, 5, 5), '');
    });

    it('that is missing is said to be', async () => {
      const key = bench.key();
      assert.equal(await bench.store.head(key), null);
      await assert.rejects(bench.store.read(key, { start: 0, end: 1 }), missing);
      await assert.rejects(bench.store.stream(key), missing);
      await bench.store.delete(key);
    });

    it('is replaced and removed', async () => {
      const key = await stored();
      await bench.store.put({ key, body: Buffer.from('new'), contentType: 'image/webp' });
      assert.equal((await bench.store.head(key))?.contentType, 'image/webp');
      assert.equal(await read(key, 0, 10), 'new');
      await bench.store.delete(key);
      assert.equal(await bench.store.head(key), null);
    });

    it('is copied without what its uploader put beside it', async () => {
      const [from, to] = [bench.key(), bench.key()];
      const { headers, url } = await bench.store.presignPut({
        ...{ key: from, contentType: TYPE, contentLength: CONTENT.length, expiresInMs: MINUTE },
      });
      const unsigned = {
        ...{ 'cache-control': 'public', 'content-encoding': 'gzip', 'content-language': 'xx' },
      };
      const put = { method: 'PUT', headers: { ...headers, ...unsigned }, body: CONTENT };
      assert.equal((await send(url, put)).status, 200);
      const { etag = '' } = (await bench.store.head(from)) ?? {};
      await bench.store.copy({ from, to, ifMatch: etag, contentType: 'image/png' });
      const got = await send(
        await bench.store.presignGet({
          ...{ key: to, contentType: TYPE, contentDisposition: 'attachment', expiresInMs: MINUTE },
        }),
      );
      assert.deepEqual(got.body, CONTENT);
      for (const name of Object.keys(unsigned)) assert.equal(got.headers[name], undefined, name);
    });

    it('is copied with the wanted type where it is still the one that was looked at', async () => {
      const from = await stored();
      const to = bench.key();
      const { etag } = (await bench.store.head(from))!;
      const contentType = 'application/octet-stream';
      await bench.store.copy({ from, to, ifMatch: etag, contentType });
      assert.equal(await read(to, 0, 100), CONTENT.toString());
      assert.equal((await bench.store.head(to))?.contentType, contentType);
      await bench.store.put({ key: from, body: Buffer.from('changed'), contentType: TYPE });
      const changed = { name: 'ObjectStoreError', refusal: 'changed' };
      await assert.rejects(bench.store.copy({ from, to, ifMatch: etag, contentType }), changed);
      assert.equal(await read(to, 0, 100), CONTENT.toString());
      await bench.store.delete(from);
      await assert.rejects(bench.store.copy({ from, to, ifMatch: etag, contentType }), missing);
    });

    it('is nobody else’s to read, list, write or remove', async () => {
      const key = await stored();
      const url = `${bench.settings.endpoint}/${bench.settings.bucket}/${key}`;
      const bucket = `${bench.settings.endpoint}/${bench.settings.bucket}`;
      for (const [method, to] of [
        ['GET', url],
        ['HEAD', url],
        ['DELETE', url],
        ['GET', bucket],
        ['GET', `${bucket}?list-type=2`],
        ['GET', `${url}?X-Amz-Signature=${'f'.repeat(64)}`],
        ['DELETE', bucket],
        ['POST', `${bucket}?delete`],
        ['GET', bench.settings.endpoint],
      ] as const) {
        const { status } = await send(to, { method });
        assert.ok([400, 401, 403].includes(status), `${method} ${to}: ${String(status)}`);
      }
      const written = await send(url, { method: 'PUT', body: Buffer.from('mine') });
      assert.equal(written.status, 403);
      assert.equal(await read(key, 0, 100), CONTENT.toString());
    });
  });

  describe('a presigned download', () => {
    const grant = (key: string) =>
      bench.store.presignGet({
        ...{ key, contentType: 'application/octet-stream', expiresInMs: MINUTE },
        contentDisposition: `attachment; filename="a.txt"; filename*=UTF-8''%C3%A4.txt`,
      });

    it('is answered as the grant says, in whole and in ranges', async () => {
      const url = await grant(await stored());
      const whole = await send(url);
      assert.equal(whole.status, 200);
      assert.deepEqual(whole.body, CONTENT);
      assert.equal(whole.headers['content-type'], 'application/octet-stream');
      assert.match(whole.headers['content-disposition'] ?? '', /^attachment; filename="a\.txt"/);
      const range = await send(url, { headers: { range: 'bytes=2-4' } });
      assert.equal(range.status, 206);
      assert.equal(range.headers['content-range'], 'bytes 2-4/10');
      assert.equal(range.body.toString(), '234');
    });

    it('is for its object, its method, its form and its time alone', async () => {
      const key = await stored();
      const url = await grant(key);
      const other = tampered(url, (to) => (to.pathname += 'x'));
      const inline = tampered(url, ({ searchParams }) =>
        searchParams.set('response-content-disposition', 'inline'),
      );
      assert.equal((await send(other)).status, 403);
      assert.equal((await send(inline)).status, 403);
      assert.equal((await send(url, { method: 'PUT', body: CONTENT })).status, 403);
      assert.equal((await send(url, { method: 'DELETE' })).status, 403);
      const past = () => Date.now() - 2 * MINUTE;
      const expired = await bench.with({ now: past }, (store) =>
        store.presignGet({
          ...{ key, contentType: TYPE, contentDisposition: 'inline', expiresInMs: MINUTE },
        }),
      );
      assert.equal((await send(expired)).status, 403);
    });

    it('of what is missing is not found', async () => {
      assert.equal((await send(await grant(bench.key()))).status, 404);
    });
  });
}
