import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { ConfigError } from '@parley/backend-common';

import { WebUnderTest } from './support/web-under-test.ts';

const PAGE = `<!doctype html><title>Parley</title><script type="module" src="/assets/index-B4x0_9qZ.js"></script>${' '.repeat(2_000)}`;
const SCRIPT = 'console.log("parley");\n'.repeat(200);
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

async function buildApp(folder: string): Promise<string> {
  const root = join(folder, 'dist');
  await mkdir(join(root, 'assets'), { recursive: true });
  for (const [name, content] of [
    ['index.html', PAGE],
    ['assets/index-B4x0_9qZ.js', SCRIPT],
  ] as const) {
    await writeFile(join(root, name), content);
    await writeFile(join(root, `${name}.br`), brotliCompressSync(content));
    await writeFile(join(root, `${name}.gz`), gzipSync(content));
  }
  await writeFile(join(root, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(root, '.secret'), 'hidden');
  await writeFile(join(folder, 'outside.txt'), 'outside');
  return root;
}

function policyOf(headers: IncomingHttpHeaders): Record<string, string> {
  const directives = String(headers['content-security-policy']).split('; ');
  return Object.fromEntries(
    directives.map((directive): [string, string] => {
      const [name = '', ...values] = directive.split(' ');
      return [name, values.join(' ')];
    }),
  );
}

describe('the web app', () => {
  let folder: string;
  let web: WebUnderTest;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-web-'));
    web = await WebUnderTest.start({ PARLEY_WEB_ROOT: await buildApp(folder) });
  });

  after(async () => {
    await web.close();
    await rm(folder, { recursive: true });
  });

  it('has a policy that forbids inline scripts and names where violations are reported', async () => {
    const { headers, status, text } = await web.request('/', { headers: HTML });
    assert.equal(status, 200);
    assert.equal(text, PAGE);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.deepEqual(policyOf(headers), {
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self' data: blob:",
      'font-src': "'self'",
      'connect-src': "'self'",
      'manifest-src': "'self'",
      'worker-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'self'",
      'frame-ancestors': "'none'",
      'report-uri': '/bff/csp-report',
    });
    assert.equal(headers['cache-control'], 'no-cache');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    assert.equal(headers['referrer-policy'], 'same-origin');
    assert.match(String(headers['permissions-policy']), /camera=\(\)/);
    assert.equal(headers['strict-transport-security'], undefined);
    assert.equal(headers['set-cookie'], undefined);
    assert.equal(headers['access-control-allow-origin'], undefined);
  });

  it('lets browsers keep files with a hash in their name for ever', async () => {
    const { headers, text } = await web.request('/assets/index-B4x0_9qZ.js');
    assert.equal(text, SCRIPT);
    assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(headers['content-type'], 'text/javascript; charset=utf-8');
  });

  it('lets browsers revalidate other files each time', async () => {
    const { headers, status } = await web.request('/favicon.svg');
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'image/svg+xml');
    assert.equal(headers['cache-control'], 'no-cache');
  });

  it('answers every path that a browser navigates to with the page', async () => {
    for (const path of ['/c/0198c0de', '/settings', '/u/john.doe', '/?from=mail']) {
      const { headers, text } = await web.request(path, { headers: HTML });
      assert.equal(text, PAGE);
      assert.equal(headers['cache-control'], 'no-cache');
    }
  });

  it('does not answer a missing script or image with the page', async () => {
    for (const [path, accept] of [
      ['/assets/index-00000000.js', '*/*'],
      ['/assets/index-00000000.js', HTML.accept],
      ['/favicon.ico', 'image/avif,image/webp,*/*'],
      ['/settings', 'application/json'],
    ] as const) {
      const answer = await web.request(path, { headers: { accept } });
      assert.equal(answer.status, 404);
      assert.equal(answer.json()['code'], 'not_found');
      assert.equal(answer.headers['cache-control'], 'no-store');
    }
  });

  it('answers 304 to a browser that has the file', async () => {
    for (const path of ['/', '/assets/index-B4x0_9qZ.js', '/favicon.svg']) {
      const first = await web.request(path, { headers: HTML });
      const etag = String(first.headers.etag);
      const again = await web.request(path, { headers: { ...HTML, 'if-none-match': etag } });
      assert.equal(again.status, 304);
      assert.equal(again.text, '');
      assert.equal(again.headers.etag, etag);
      const other = await web.request(path, { headers: { ...HTML, 'if-none-match': '"other"' } });
      assert.equal(other.status, 200);
    }
  });

  it('answers HEAD with the headers of GET', async () => {
    const get = await web.request('/', { headers: HTML });
    const head = await web.request('/', { method: 'HEAD', headers: HTML });
    assert.equal(head.status, 200);
    assert.equal(head.text, '');
    for (const name of ['etag', 'content-type', 'content-length', 'content-security-policy']) {
      assert.equal(head.headers[name], get.headers[name]);
    }
  });

  for (const { encoding, unpack } of [
    { encoding: 'br', unpack: brotliDecompressSync },
    { encoding: 'gzip', unpack: gunzipSync },
  ]) {
    it(`is compressed with ${encoding} for clients that accept it`, async () => {
      const headers = { 'accept-encoding': encoding };
      const plain = await web.request('/assets/index-B4x0_9qZ.js');
      const packed = await web.request('/assets/index-B4x0_9qZ.js', { headers });
      assert.equal(packed.headers['content-encoding'], encoding);
      assert.match(String(packed.headers.vary), /accept-encoding/i);
      assert.notEqual(packed.headers.etag, plain.headers.etag);
      assert.ok(packed.bytes.length < plain.bytes.length / 10);
      assert.equal(unpack(packed.bytes).toString(), SCRIPT);
      const etag = String(packed.headers.etag);
      const again = await web.request('/assets/index-B4x0_9qZ.js', {
        headers: { ...headers, 'if-none-match': etag },
      });
      assert.equal(again.status, 304);
    });
  }

  it('does not serve the compressed forms under names of their own', async () => {
    assert.equal((await web.request('/assets/index-B4x0_9qZ.js.br')).status, 404);
    assert.equal((await web.request('/index.html.gz')).status, 404);
  });

  it('prefers brotli, and sends a file without a compressed form as it is', async () => {
    const headers = { 'accept-encoding': 'gzip, deflate, br, zstd' };
    assert.equal((await web.request('/', { headers })).headers['content-encoding'], 'br');
    assert.equal(
      (await web.request('/favicon.svg', { headers })).headers['content-encoding'],
      undefined,
    );
  });

  for (const path of [
    '/../outside.txt',
    '/assets/../../outside.txt',
    '/%2e%2e/outside.txt',
    '/..%2foutside.txt',
    '/assets/..%5c..%5coutside.txt',
    '/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '/index.html%00.txt',
    '/%ff',
    '/%',
  ]) {
    it(`refuses ${path}`, async () => {
      for (const headers of [HTML, {}]) {
        const answer = await web.request(path, { headers });
        assert.equal(answer.status, 404);
        assert.equal(answer.json()['code'], 'not_found');
      }
    });
  }

  it('keeps hidden files hidden', async () => {
    assert.equal((await web.request('/.secret')).status, 404);
  });

  it('refuses other methods', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await web.request('/', { method });
      assert.equal(answer.status, 404);
      assert.equal(answer.json()['code'], 'unknown_operation');
    }
  });
});

describe('the web app on https', () => {
  it('sends HSTS', async () => {
    const web = await WebUnderTest.start({ PARLEY_PUBLIC_ORIGIN: 'https://chat.example.org' });
    try {
      const { headers } = await web.request('/', { headers: HTML });
      assert.equal(headers['strict-transport-security'], 'max-age=31536000');
    } finally {
      await web.close();
    }
  });
});

describe('the web app beside an object store and Firebase', () => {
  const policyWith = async (env: Record<string, string>) => {
    const web = await WebUnderTest.start(env);
    try {
      return policyOf((await web.request('/', { headers: HTML })).headers);
    } finally {
      await web.close();
    }
  };

  it('may download from and upload to the public address of the store, and nothing else', async () => {
    const without = await policyWith({});
    const {
      'frame-src': frames,
      'media-src': media,
      ...others
    } = await policyWith({
      S3_ENDPOINT: 'http://store.internal:7070',
      S3_PUBLIC_ENDPOINT: 'https://files.example.org',
    });
    assert.equal(frames, 'https://files.example.org');
    assert.equal(media, 'blob: https://files.example.org');
    assert.deepEqual(others, {
      ...without,
      'img-src': "'self' data: blob: https://files.example.org",
      'connect-src': "'self' https://files.example.org",
    });
  });

  it('uses the address of the services if the store has no public one', async () => {
    const policy = await policyWith({ S3_ENDPOINT: 'https://s3.example.org/' });
    assert.equal(policy['connect-src'], "'self' https://s3.example.org");
  });

  it('names the port of a store at an IPv6 address, because no policy can name the address', async () => {
    for (const scheme of ['http', 'https']) {
      const policy = await policyWith({ S3_ENDPOINT: `${scheme}://[2001:db8::1]:9000` });
      assert.equal(policy['connect-src'], `'self' ${scheme}://*:9000`);
      assert.equal(policy['frame-src'], `${scheme}://*:9000`);
    }
    const named = { S3_PUBLIC_ENDPOINT: 'https://files.example.org' };
    const policy = await policyWith({ S3_ENDPOINT: 'http://[fd00::1]', ...named });
    assert.equal(policy['connect-src'], "'self' https://files.example.org");
  });

  it('refuses a store at an IPv6 address whose source would be every host', async () => {
    for (const address of [
      'https://[2001:db8::1]',
      'https://[2001:db8::1]/',
      'https://[2001:db8::1]:443',
      'http://[::1]:80',
      'http://[::ffff:192.0.2.1]',
    ]) {
      for (const env of [
        { S3_ENDPOINT: address },
        { S3_ENDPOINT: 'http://store.internal:7070', S3_PUBLIC_ENDPOINT: address },
      ]) {
        await assert.rejects(policyWith(env), ConfigError, JSON.stringify(env));
      }
    }
  });

  it('may connect to Firebase only if it registers for pushes', async () => {
    const without = await policyWith({});
    assert.deepEqual(await policyWith({ PARLEY_FIREBASE_WEB_CONFIG: '{}' }), {
      ...without,
      'connect-src':
        "'self' https://firebaseinstallations.googleapis.com https://fcmregistrations.googleapis.com",
    });
  });

  it('accepts only an origin for its policy', async () => {
    const env = { S3_ENDPOINT: "https://s3.example.org; script-src 'unsafe-inline'" };
    await assert.rejects(policyWith(env), ConfigError);
  });
});

describe('a web root', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-web-'));
  });

  after(() => rm(folder, { recursive: true }));

  it('that is not set is explained on a plain page', async () => {
    const web = await WebUnderTest.start();
    try {
      const { headers, status, text } = await web.request('/', { headers: HTML });
      assert.equal(status, 200);
      assert.match(text, /The web app is not built/);
      assert.match(String(headers['content-security-policy']), /^default-src 'none'/);
      assert.equal((await web.request('/assets/x.js')).status, 404);
    } finally {
      await web.close();
    }
  });

  for (const name of ['empty', 'missing']) {
    it(`that is ${name} keeps the service from starting`, async () => {
      const root = join(folder, name);
      if (name === 'empty') await mkdir(root);
      await assert.rejects(WebUnderTest.start({ PARLEY_WEB_ROOT: root }), (error: Error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, /^PARLEY_WEB_ROOT: /);
        return true;
      });
    });
  }

  it('serves nothing through symbolic links', async () => {
    const root = await buildApp(folder);
    await symlink(join(folder, 'outside.txt'), join(root, 'link.txt'));
    await symlink(folder, join(root, 'up'));
    const web = await WebUnderTest.start({ PARLEY_WEB_ROOT: root });
    try {
      assert.equal((await web.request('/link.txt')).status, 404);
      assert.equal((await web.request('/up/outside.txt')).status, 404);
    } finally {
      await web.close();
    }
  });
});
