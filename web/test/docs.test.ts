import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { ConfigError } from '@parley/backend-common';

import { WebUnderTest } from './support/web-under-test.ts';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const PAGE = `<!doctype html><title>Parley API reference</title>${' '.repeat(2_000)}`;

describe('/docs', () => {
  let folder: string;
  let web: WebUnderTest;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-docs-'));
    await writeFile(join(folder, 'index.html'), PAGE);
    await writeFile(join(folder, 'index.html.br'), brotliCompressSync(PAGE));
    await writeFile(join(folder, 'openapi.json'), '{"openapi":"3.1.0"}');
    await writeFile(join(folder, 'reference.js'), 'start();');
    web = await WebUnderTest.start({ PARLEY_DOCS_ROOT: folder });
  });

  after(async () => {
    await web.close();
    await rm(folder, { recursive: true });
  });

  for (const path of ['/docs', '/docs/']) {
    it(`${path} is a page that connects to nothing, also without a web app`, async () => {
      const { headers, status, text } = await web.request(path, { headers: HTML });
      assert.equal(status, 200);
      assert.equal(text, PAGE);
      assert.equal(headers['content-type'], 'text/html; charset=utf-8');
      assert.equal(
        headers['content-security-policy'],
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; report-uri /bff/csp-report",
      );
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['cache-control'], 'no-cache');
      assert.equal(headers['set-cookie'], undefined);
    });
  }

  it('has the files that the build wrote', async () => {
    const script = await web.request('/docs/reference.js');
    assert.equal(script.text, 'start();');
    assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
    const document = await web.request('/docs/openapi.json');
    assert.equal(document.headers['content-type'], 'application/json; charset=utf-8');
    assert.deepEqual(document.json(), { openapi: '3.1.0' });
  });

  it('is compressed, and not sent again to a browser that has it', async () => {
    const packed = await web.request('/docs', { headers: { ...HTML, 'accept-encoding': 'br' } });
    assert.equal(packed.headers['content-encoding'], 'br');
    assert.equal(brotliDecompressSync(packed.bytes).toString(), PAGE);
    const again = await web.request('/docs', {
      headers: { ...HTML, 'accept-encoding': 'br', 'if-none-match': String(packed.headers.etag) },
    });
    assert.equal(again.status, 304);
    const head = await web.request('/docs', { method: 'HEAD', headers: HTML });
    assert.deepEqual([head.status, head.text], [200, '']);
  });

  it('answers what it does not have, and does not do, with a code', async () => {
    for (const path of [
      '/docs/nothing.json',
      '/docs/index.html.br',
      '/docs/../openapi.json',
      '/docs/%2e%2e/x',
      '/docs//',
    ]) {
      const answer = await web.request(path, { headers: HTML });
      assert.equal(answer.status, 404, path);
      assert.equal(answer.json()['code'], 'not_found');
    }
    const answer = await web.request('/docs', { method: 'POST', body: {} });
    assert.equal(answer.json()['code'], 'unknown_operation');
    // A path of the app that only begins alike.
    assert.equal((await web.request('/docsomething', { headers: HTML })).status, 200);
  });

  it('is not found where the reference is not built', async () => {
    const without = await WebUnderTest.start();
    try {
      assert.equal((await without.request('/docs', { headers: HTML })).status, 404);
    } finally {
      await without.close();
    }
  });

  it('keeps the service from starting if its folder is empty', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    await assert.rejects(WebUnderTest.start({ PARLEY_DOCS_ROOT: empty }), (error: Error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /^PARLEY_DOCS_ROOT: /);
      return true;
    });
  });
});
