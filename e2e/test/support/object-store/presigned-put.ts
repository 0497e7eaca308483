import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request } from 'node:http';

import { MINUTE, send, tampered, type Bench } from './bench.ts';

const CONTENT = Buffer.from('what somebody uploads');
const OTHER = Buffer.from('what somebody upload$');
const TYPE = 'image/png';
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

/** What a presigned upload lets a client do, and what it does not. */
export function describePresignedPut(bench: Bench): void {
  const grantFor = (key: string) => ({
    ...{ key, contentType: TYPE, contentLength: CONTENT.length },
    expiresInMs: MINUTE,
  });
  const grant = (key: string) => bench.store.presignPut(grantFor(key));
  const put = (url: string, headers: Record<string, string>, body: Buffer = CONTENT) =>
    send(url, { method: 'PUT', headers, body });
  const isFree = async (key: string) => assert.equal(await bench.store.head(key), null);

  describe('a presigned upload', () => {
    it('stores exactly what was granted', async () => {
      const key = bench.key();
      const { headers, url } = await grant(key);
      assert.deepEqual(headers, { 'content-type': TYPE, 'if-none-match': '*' });
      const answer = await put(url, headers);
      assert.equal(answer.status, 200, answer.body.toString());
      const stored = await bench.store.head(key);
      assert.equal(stored?.size, CONTENT.length);
      assert.equal(stored.contentType, TYPE);
      assert.equal(stored.etag, answer.headers.etag);
    });

    const refusals: Record<
      string,
      (url: string, headers: Record<string, string>) => Promise<{ status: number }>
    > = {
      'another type': (url, headers) => put(url, { ...headers, 'content-type': 'text/html' }),
      'no type': (url) => put(url, { 'if-none-match': '*' }),
      'a longer body': (url, headers) => put(url, headers, Buffer.concat([CONTENT, CONTENT])),
      'a shorter body': (url, headers) => put(url, headers, CONTENT.subarray(1)),
      'an upload that may overwrite': (url) => put(url, { 'content-type': TYPE }),
      'another method': (url, headers) => send(url, { method: 'POST', headers, body: CONTENT }),
      'a download': (url) => send(url),
      'a deletion': (url) => send(url, { method: 'DELETE' }),
      'another key': (url, headers) =>
        put(
          tampered(url, (other) => (other.pathname += 'x')),
          headers,
        ),
      'a later expiry': (url, headers) =>
        put(
          tampered(url, ({ searchParams }) => searchParams.set('X-Amz-Expires', '3600')),
          headers,
        ),
      'another signature': (url, headers) => {
        const forge = ({ searchParams }: URL) =>
          searchParams.set('X-Amz-Signature', 'f'.repeat(64));
        return put(tampered(url, forge), headers);
      },
      'no signature': (url, headers) =>
        put(
          tampered(url, (other) => (other.search = '')),
          headers,
        ),
      'a source to copy from': (url, headers) =>
        put(url, { ...headers, 'x-amz-copy-source': `/${bench.settings.bucket}/other` }),
      'metadata that was not signed': (url, headers) =>
        put(url, { ...headers, 'x-amz-meta-more': 'yes' }),
    };
    for (const [what, attempt] of Object.entries(refusals)) {
      it(`refuses ${what}`, async () => {
        const key = bench.key();
        const { headers, url } = await grant(key);
        const { status } = await attempt(url, headers);
        assert.ok(status === 403 || status === 405, String(status));
        await isFree(key);
      });
    }

    it('refuses a body without a length', async () => {
      const key = bench.key();
      const { headers, url } = await grant(key);
      const { status } = await send(url, { method: 'PUT', headers, body: CONTENT, chunked: true });
      assert.ok([403, 411].includes(status), String(status));
      await isFree(key);
    });

    it('refuses what has expired', async () => {
      const key = bench.key();
      const now = () => Date.now() - 2 * MINUTE;
      const { headers, url } = await bench.with({ now }, (past) => past.presignPut(grantFor(key)));
      assert.equal((await put(url, headers)).status, 403);
      await isFree(key);
    });

    it('refuses what another secret has signed', async () => {
      const key = bench.key();
      const { accessKeyId } = bench.settings.secret;
      const secret = { accessKeyId, secretAccessKey: 'somebody-elses-secret' };
      const other = await bench.with({ settings: { secret } }, (store) =>
        store.presignPut(grantFor(key)),
      );
      assert.equal((await put(other.url, other.headers)).status, 403);
      await isFree(key);
    });

    it('refuses to replace an object, and works again once its key is free', async () => {
      const key = bench.key();
      const { headers, url } = await grant(key);
      assert.equal((await put(url, headers)).status, 200);
      assert.equal((await put(url, headers, OTHER)).status, 412);
      assert.deepEqual(await content(key), CONTENT);
      await bench.store.delete(key);
      assert.equal((await put(url, headers, OTHER)).status, 200);
    });

    it('lets one of two at the same time through', async () => {
      const key = bench.key();
      const { headers, url } = await grant(key);
      const answers = await Promise.all([put(url, headers), put(url, headers, OTHER)]);
      const statuses = answers.map(({ status }) => status).toSorted((one, other) => one - other);
      assert.equal(statuses[0], 200);
      assert.ok(statuses[1] === 412 || statuses[1] === 409, String(statuses[1]));
    });

    it('leaves nothing of an upload that was broken off', async () => {
      const key = bench.key();
      const { headers, url } = await grant(key);
      await new Promise<void>((resolve) => {
        const length = { 'content-length': CONTENT.length };
        const outgoing = request(url, {
          method: 'PUT',
          agent: false,
          headers: { ...headers, ...length },
        });
        outgoing.on('error', () => resolve());
        outgoing.write(CONTENT.subarray(0, 5), () => outgoing.destroy(new Error('broken off')));
      });
      await isFree(key);
      assert.equal((await put(url, headers)).status, 200);
    });
  });

  describe('a presigned upload with a checksum', () => {
    const grantChecked = (key: string) =>
      bench.store.presignPut({ ...grantFor(key), sha256: SHA256 });

    it('stores the content that it is of', async () => {
      const key = bench.key();
      const { headers, url } = await grantChecked(key);
      const base64 = createHash('sha256').update(CONTENT).digest('base64');
      assert.equal(headers['x-amz-checksum-sha256'], base64);
      assert.equal((await put(url, headers)).status, 200);
      assert.deepEqual(await content(key), CONTENT);
    });

    it('refuses other content', async () => {
      const key = bench.key();
      const { headers, url } = await grantChecked(key);
      assert.equal((await put(url, headers, OTHER)).status, 400);
      await isFree(key);
    });

    it('refuses another checksum, and none', async () => {
      const key = bench.key();
      const { headers, url } = await grantChecked(key);
      const without = { 'content-type': TYPE, 'if-none-match': '*' };
      const base64 = createHash('sha256').update(OTHER).digest('base64');
      const replaced = { ...headers, 'x-amz-checksum-sha256': base64 };
      assert.ok([400, 403].includes((await put(url, without)).status));
      assert.ok([400, 403].includes((await put(url, replaced, OTHER)).status));
      await isFree(key);
    });
  });

  async function content(key: string): Promise<Buffer> {
    return Buffer.from(await bench.store.read(key, { start: 0, end: 1_000 }));
  }
}
