import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { S3ObjectStore } from '@parley/backend-common';

import { useApp } from '../support/app.ts';
import { openPage } from '../support/browser.ts';
import { storeOf } from '../support/object-store/stack-store.ts';

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const BYTES = Buffer.from(PIXEL, 'base64');
const EXPIRY = { expiresInMs: 60_000 };

/** A request as the page makes it; what the page may see of the answer. */
interface Upload {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly base64: string;
}

describe('a page and the object store', () => {
  const app = useApp({ webApp: false });
  let store: S3ObjectStore;
  let elsewhere: Server;

  before(async () => {
    store = await storeOf(app.parley.stack);
    elsewhere = createServer((_, response) => response.end('elsewhere'));
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  });

  after(() => {
    store.close();
    elsewhere.close();
  });

  const upload = async ({ base64, headers, url }: Upload) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const { headers: seen, status } = await fetch(url, { method: 'PUT', headers, body: bytes });
    return { status, etag: seen.get('etag') };
  };

  it('uploads what it was granted, in one piece and in parts, and sees the tags', async () => {
    const { page } = await app.open();
    const grant = { contentType: 'image/png', contentLength: BYTES.length, ...EXPIRY };
    const single = await store.presignPut({ key: 'browser/single', ...grant });
    const put = await page.evaluate(upload, { ...single, base64: PIXEL });
    assert.equal(put.status, 200);
    assert.equal(put.etag, (await store.head('browser/single'))?.etag);

    const object = { key: 'browser/parts', contentType: 'image/png' };
    const uploadId = await store.createMultipart(object);
    const url = await store.presignPart({ ...grant, ...object, uploadId, partNumber: 1 });
    const part = await page.evaluate(upload, { url, headers: {}, base64: PIXEL });
    assert.ok(part.etag);
    const parts = [{ partNumber: 1, etag: part.etag }];
    await store.completeMultipart({ ...object, uploadId, parts });
    assert.equal((await store.head('browser/parts'))?.size, BYTES.length);
  });

  it('shows a picture that it was granted', async () => {
    const { page } = await app.open();
    await store.put({ key: 'browser/picture', body: BYTES, contentType: 'image/png' });
    const url = await store.presignGet({
      ...{ key: 'browser/picture', contentType: 'image/png', contentDisposition: 'inline' },
      ...EXPIRY,
    });
    const width = await page.evaluate(async (source) => {
      const picture = new Image();
      picture.src = source;
      await picture.decode();
      return picture.naturalWidth;
    }, url);
    assert.equal(width, 1);
  });

  it('reaches no other place', async () => {
    const { context, page, complaints } = await openPage(app.browser, app.origin);
    const { port } = elsewhere.address() as AddressInfo;
    const reached = await page.evaluate(
      (url) =>
        fetch(url, { mode: 'no-cors' }).then(
          () => true,
          () => false,
        ),
      `http://127.0.0.1:${port}/`,
    );
    assert.equal(reached, false);
    assert.match(complaints.join(), /connect-src/);
    await context.close();
  });
});
