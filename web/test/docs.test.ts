import assert from 'node:assert/strict';
import { brotliDecompressSync } from 'node:zlib';

import { createDocuments } from '@parley/web';
import { WebUnderTest } from './support/web-under-test.ts';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('/docs', () => {
  let web: WebUnderTest;

  before(async () => {
    web = await WebUnderTest.start();
  });

  after(() => web.close());

  for (const path of ['/docs', '/docs/']) {
    it(`${path} is a page that may run no script, also where there is no web app`, async () => {
      const { headers, status, text } = await web.ask(path, { headers: HTML });
      assert.equal(status, 200);
      assert.match(text, /^<!doctype html>[\s\S]*<h1>Parley<\/h1>/);
      assert.equal(headers['content-type'], 'text/html; charset=utf-8');
      assert.equal(
        headers['content-security-policy'],
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; report-uri /bff/csp-report",
      );
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['cache-control'], 'no-cache');
      assert.equal(headers['set-cookie'], undefined);
    });
  }

  it('has its stylesheet', async () => {
    const { headers, status, text } = await web.ask('/docs/reference.css');
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'text/css; charset=utf-8');
    assert.match(text, /color-scheme: light dark/);
  });

  for (const name of ['openapi', 'asyncapi'] as const) {
    it(`has ${name}.json`, async () => {
      const answer = await web.ask(`/docs/${name}.json`);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
      assert.deepEqual(answer.json(), JSON.parse(JSON.stringify(createDocuments()[name])));
    });
  }

  it('is packed, and not sent again to a browser that has it', async () => {
    const packed = await web.ask('/docs', { headers: { ...HTML, 'accept-encoding': 'br' } });
    assert.equal(packed.headers['content-encoding'], 'br');
    assert.match(brotliDecompressSync(packed.bytes).toString(), /message:send/);
    assert.ok(packed.bytes.length < 40_000, `${packed.bytes.length} bytes`);
    const again = await web.ask('/docs', {
      headers: { ...HTML, 'accept-encoding': 'br', 'if-none-match': String(packed.headers.etag) },
    });
    assert.equal(again.status, 304);
    const head = await web.ask('/docs', { method: 'HEAD', headers: HTML });
    assert.deepEqual([head.status, head.text], [200, '']);
  });

  it('answers what it does not have, and does not do, with a code', async () => {
    for (const path of [
      '/docs/nothing.json',
      '/docs/../openapi.json',
      '/docs/%2e%2e/x',
      '/docs//',
    ]) {
      const answer = await web.ask(path, { headers: HTML });
      assert.equal(answer.status, 404, path);
      assert.equal(answer.json()['code'], 'not_found');
    }
    const answer = await web.ask('/docs', { method: 'POST', body: {} });
    assert.equal(answer.json()['code'], 'unknown_operation');
    // A path of the app that only begins alike.
    assert.equal((await web.ask('/docsomething', { headers: HTML })).status, 200);
  });
});
