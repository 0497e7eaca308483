import assert from 'node:assert/strict';
import { mkdir, open, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type S3ObjectStore } from '@parley/backend-common';
import { silentLogger, testObjectStore } from '@parley/backend-common/testing';
import { type DataFolder, openDataFolder } from '../src/data-folder.ts';
import { LaunchError } from '../src/launch-error.ts';
import { type EmbeddedStore, startEmbeddedStore } from '../src/object-store/embedded-store.ts';
import { folderKeys } from '../src/object-store/folder-keys.ts';
import { storePlace, withHost } from '../src/parts/store-place.ts';
import { withFolder } from './support/folder.ts';

const KEYS = { accessKeyId: 'a-key-of-this-test', secretAccessKey: 's'.repeat(40) };
const PART = 5 * 1024 * 1024;
const CONTENT = { contentType: 'text/plain', body: Buffer.from('kept') };
const MINUTE = 60_000;

interface Opened {
  readonly embedded: EmbeddedStore;
  readonly store: S3ObjectStore;
}

/** Runs the body with an embedded store on this folder, stopped afterwards. */
async function withStore<Result>(
  folder: string,
  body: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  const embedded = await startEmbeddedStore({
    ...{ folder, host: '127.0.0.1', port: 0, keys: KEYS, bucket: 'parley' },
    origins: ['http://127.0.0.1:*'],
    logger: silentLogger(),
  });
  const store = testObjectStore({
    settings: {
      ...{ endpoint: embedded.url, publicEndpoint: embedded.url, region: 'us-east-1' },
      ...{ bucket: 'parley', secret: KEYS },
    },
    origins: ['http://127.0.0.1:8080'],
  });
  try {
    return await body({ embedded, store });
  } finally {
    store.close();
    await embedded.close();
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/** Begins to send a body and breaks the connection off; settles when the server has noticed. */
function breakOff(url: string, headers: Readonly<Record<string, string>>, length: number) {
  return new Promise<void>((resolve) => {
    const outgoing = request(url, {
      ...{ method: 'PUT', agent: false },
      headers: { ...headers, 'content-length': length },
    });
    outgoing.on('error', () => resolve());
    outgoing.write(Buffer.alloc(Math.floor(length / 2)), () => outgoing.destroy(new Error('off')));
  });
}

describe('the embedded object store', () => {
  it('keeps its objects and uploads when it is restarted', () =>
    withFolder(async (folder) => {
      const upload = await withStore(folder, async ({ store }) => {
        await store.put({ key: 'a/b', ...CONTENT });
        const uploadId = await store.createMultipart({ key: 'c', contentType: 'video/mp4' });
        const grant = { key: 'c', uploadId, partNumber: 1, contentLength: 4, expiresInMs: MINUTE };
        const url = await store.presignPart(grant);
        const { headers } = await fetch(url, { method: 'PUT', body: 'part' });
        const parts = [{ partNumber: 1, etag: headers.get('etag') ?? '' }];
        return { key: 'c', uploadId, parts };
      });
      await withStore(folder, async ({ store }) => {
        assert.equal(await text(await store.stream('a/b')), 'kept');
        assert.equal((await store.head('a/b'))?.contentType, 'text/plain');
        await store.completeMultipart(upload);
        assert.equal(await text(await store.stream('c')), 'part');
      });
    }));

  it('finishes a completion that a kill interrupted', () =>
    withFolder(async (folder) => {
      const upload = await withStore(folder, async ({ store }) => {
        const uploadId = await store.createMultipart({ key: 'c', contentType: 'video/mp4' });
        const grant = { key: 'c', uploadId, partNumber: 1, contentLength: 4, expiresInMs: MINUTE };
        const url = await store.presignPart(grant);
        const { headers } = await fetch(url, { method: 'PUT', body: 'part' });
        return { key: 'c', uploadId, parts: [{ partNumber: 1, etag: headers.get('etag') ?? '' }] };
      });
      const uploads = join(folder, 'buckets/parley/._S3rver_uploads');
      await rename(join(uploads, upload.uploadId), join(uploads, `${upload.uploadId}.completing`));
      await writeFile(join(folder, 'incoming', 'half-an-object'), 'half');
      await withStore(folder, async ({ store }) => {
        await store.completeMultipart(upload);
        assert.equal(await text(await store.stream('c')), 'part');
        assert.deepEqual(await filesIn(join(folder, 'incoming')), []);
      });
    }));

  it('replaces the files beside an object and never writes into them, so that a kill leaves none half-written', () =>
    withFolder((folder) =>
      withStore(folder, async ({ store }) => {
        const beside = ['metadata.json', 'object.md5'].map((name) =>
          join(folder, 'buckets/parley', `a._S3rver_${name}`),
        );
        const other = { contentType: 'a/b', body: Buffer.from('other') };
        const replace: readonly (() => Promise<void>)[] = [
          () => store.put({ key: 'a', ...other }),
          async () => {
            await store.put({ key: 'from', ...other });
            const { etag = '' } = (await store.head('from')) ?? {};
            await store.copy({ from: 'from', to: 'a', ifMatch: etag, contentType: 'c/d' });
          },
          async () => {
            const uploadId = await store.createMultipart({ key: 'a', contentType: 'e/f' });
            const grant = { key: 'a', uploadId, partNumber: 1, contentLength: 4 };
            const url = await store.presignPart({ ...grant, expiresInMs: MINUTE });
            const { headers } = await fetch(url, { method: 'PUT', body: 'part' });
            const parts = [{ partNumber: 1, etag: headers.get('etag') ?? '' }];
            await store.completeMultipart({ key: 'a', uploadId, parts });
          },
        ];
        for (const act of replace) {
          await store.put({ key: 'a', ...CONTENT });
          const before = await Promise.all(beside.map((path) => readFile(path, 'utf8')));
          const opened = await Promise.all(beside.map((path) => open(path)));
          await act();
          assert.deepEqual(await Promise.all(opened.map((file) => file.readFile('utf8'))), before);
          await Promise.all(opened.map((file) => file.close()));
          const after = await Promise.all(beside.map((path) => readFile(path, 'utf8')));
          for (const [index, content] of after.entries()) assert.notEqual(content, before[index]);
        }
        assert.deepEqual(await filesIn(join(folder, 'incoming')), []);
      }),
    ));

  it('serves and copies an object whose metadata cannot be read', () =>
    withFolder(async (folder) => {
      await withStore(folder, ({ store }) => store.put({ key: 'a', ...CONTENT }));
      const path = join(folder, 'buckets/parley/a._S3rver_metadata.json');
      assert.match(await readFile(path, 'utf8'), /text\/plain/);
      await withStore(folder, async ({ store }) => {
        for (const left of ['', '{', '{"content-type":"te']) {
          await writeFile(path, left);
          const found = await store.head('a');
          assert.equal(found?.size, 4, left);
          await store.copy({ from: 'a', to: 'b', ifMatch: found.etag, contentType: 'a/b' });
          assert.equal((await store.head('b'))?.contentType, 'a/b');
          assert.equal(await text(await store.stream('a')), 'kept');
        }
      });
    }));

  it('survives clients that disconnect, and stores nothing of an incomplete upload', () =>
    withFolder(async (folder) => {
      await withStore(folder, async ({ store }) => {
        const length = 2 * PART;
        const grant = {
          key: 'big',
          contentType: 'a/b',
          contentLength: length,
          expiresInMs: MINUTE,
        };
        const { headers, url } = await store.presignPut(grant);
        const uploadId = await store.createMultipart({ key: 'parts', contentType: 'a/b' });
        const part = await store.presignPart({ ...grant, key: 'parts', uploadId, partNumber: 1 });
        await Promise.all([breakOff(url, headers, length), breakOff(part, {}, length)]);
        assert.equal(await store.head('big'), null);
        await store.abortMultipart({ key: 'parts', uploadId });
      });
      assert.deepEqual(await filesIn(join(folder, 'incoming')), []);
    }));

  it('survives readers that disconnect', () =>
    withFolder((folder) =>
      withStore(folder, async ({ store }) => {
        await store.put({ key: 'big', body: Buffer.alloc(2 * PART), contentType: 'a/b' });
        for (let round = 0; round < 3; round++) {
          const stream = await store.stream('big');
          stream.destroy();
        }
        assert.equal((await store.head('big'))?.size, 2 * PART);
      }),
    ));

  it('allows no names that lead to other objects or outside the folder', () =>
    withFolder((folder) =>
      withStore(folder, async ({ embedded, store }) => {
        await store.put({ key: 'a', ...CONTENT });
        await writeFile(join(folder, 'outside._S3rver_object'), 'outside');
        await assert.rejects(store.head('x/%2e%2e/../outside'));
        for (const path of [
          '/parley/%2e%2e%2foutside',
          '/%2e%2e/outside',
          '/other/a',
          '/parley/%zz',
        ]) {
          const { status } = await fetch(`${embedded.url}${path}`);
          assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
        }
      }),
    ));

  it('lets browsers guess no type and run nothing, whatever it answers', () =>
    withFolder((folder) =>
      withStore(folder, async ({ embedded, store }) => {
        const body = Buffer.from('<script>alert(1)</script>');
        await store.put({ key: 'a', contentType: 'text/html', body });
        const url = (contentType: string, key = 'a') =>
          store.presignGet({ key, contentType, contentDisposition: 'inline', expiresInMs: MINUTE });
        const preflight = {
          method: 'OPTIONS',
          headers: { origin: 'http://127.0.0.1:8080', 'access-control-request-method': 'PUT' },
        };
        for (const [what, asked, init] of [
          ['a page', await url('text/html')],
          ['a picture', await url('image/png')],
          ['a part of a file', await url('text/html'), { headers: { range: 'bytes=0-3' } }],
          ['a file that is not there', await url('text/html', 'b')],
          ['a request that is not signed', `${embedded.url}/parley/a`],
          ['a preflight', `${embedded.url}/parley/a`, preflight],
        ] as [string, string, RequestInit?][]) {
          const { headers } = await fetch(asked, init);
          assert.equal(headers.get('x-content-type-options'), 'nosniff', what);
          assert.equal(headers.get('content-security-policy'), 'sandbox', what);
        }
      }),
    ));

  it('refuses malformed signatures', () =>
    withFolder((folder) =>
      withStore(folder, async ({ embedded, store }) => {
        const grant = { key: 'a', contentType: 'a/b', contentDisposition: 'inline' };
        const url = await store.presignGet({ ...grant, expiresInMs: MINUTE });
        const changed = (name: string, value: string) => {
          const other = new URL(url);
          other.searchParams.set(name, value);
          return other.href;
        };
        const { accessKeyId } = KEYS;
        const queries = [
          `${url}&X-Amz-SignedHeaders=host`,
          `${url}&X-Amz-Credential=${accessKeyId}`,
          changed('X-Amz-Credential', accessKeyId),
          changed('X-Amz-Date', 'now'),
          changed('X-Amz-Expires', 'never'),
          changed('X-Amz-SignedHeaders', ''),
          changed('X-Amz-Signature', 'no hexadecimal'),
        ];
        const authorizations = [
          'AWS4-HMAC-SHA256 ',
          'AWS4-HMAC-SHA256 Credential=a,SignedHeaders=b',
          `AWS4-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=host,Signature=f`,
        ];
        for (const query of queries) {
          const { status } = await fetch(query);
          assert.ok(status === 400 || status === 403, `${query}: ${status}`);
        }
        for (const authorization of authorizations) {
          const headers = { authorization, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
          const { status } = await fetch(`${embedded.url}/parley/a`, { headers });
          assert.ok(status === 400 || status === 403, `${authorization}: ${status}`);
        }
        assert.equal((await fetch(url)).status, 404);
      }),
    ));

  it('does not accept the default key pair of its library', () =>
    withFolder((folder) =>
      withStore(folder, async ({ embedded }) => {
        const secret = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
        const { url } = embedded;
        const settings = { endpoint: url, publicEndpoint: url, region: 'us-east-1' };
        const store = testObjectStore({ settings: { ...settings, bucket: 'parley', secret } });
        await assert.rejects(store.put({ key: 'a', ...CONTENT }), { code: 'unavailable' });
        store.close();
      }),
    ));

  it('allows pages of this machine on any port, and no other pages', () =>
    withFolder((folder) =>
      withStore(folder, async ({ embedded, store }) => {
        await store.check();
        const preflight = (origin: string) =>
          fetch(`${embedded.url}/parley/a`, {
            method: 'OPTIONS',
            headers: { origin, 'access-control-request-method': 'PUT' },
          });
        assert.equal((await preflight('http://127.0.0.1:45678')).status, 200);
        assert.equal((await preflight('http://127.0.0.1.example.org')).status, 403);
      }),
    ));
});

describe('the keys of a data folder’s object store', () => {
  const withDataFolder = (body: (folder: DataFolder) => Promise<void>) =>
    withFolder(async (path) => {
      const folder = await openDataFolder(join(path, 'data'));
      try {
        await body(folder);
      } finally {
        await folder.release();
      }
    });

  it('are created once, for this user only, and differ between folders', async () => {
    const made: unknown[] = [];
    for (let round = 0; round < 2; round++) {
      await withDataFolder(async (folder) => {
        const keys = await folderKeys(folder);
        assert.deepEqual(await folderKeys(folder), keys);
        const path = join(folder.path, 'object-store-keys');
        assert.equal((await stat(path)).mode & 0o777, 0o600);
        assert.match(await readFile(path, 'utf8'), new RegExp(keys.secretAccessKey));
        made.push(keys);
      });
    }
    assert.notDeepEqual(made[0], made[1]);
  });

  it('are reported in one line if they are damaged', () =>
    withDataFolder(async (folder) => {
      await mkdir(folder.path, { recursive: true });
      await writeFile(join(folder.path, 'object-store-keys'), '{}');
      await assert.rejects(folderKeys(folder), (error) => {
        assert.ok(error instanceof LaunchError);
        assert.match(error.message, /object-store-keys is damaged: remove it/);
        return true;
      });
    }));
});

describe('the place of the embedded object store', () => {
  const info = (address: string, family: 'IPv4' | 'IPv6' = 'IPv4') => {
    return { address, family, internal: address === '127.0.0.1' || address === '::1' };
  };
  const LOCAL = [info('127.0.0.1'), info('::1', 'IPv6')];
  const place = (host: string, addresses = LOCAL) => {
    const { innerHost, publicHost } = storePlace({ host, env: {} }, addresses);
    return [innerHost, publicHost];
  };

  it('is the address that web listens on', () => {
    for (const host of ['127.0.0.1', '192.0.2.7', 'localhost']) {
      assert.deepEqual(place(host), [host, host]);
    }
    assert.deepEqual(place('::1'), ['[::1]', '[::1]']);
    assert.deepEqual(place('fd00::2'), ['[fd00::2]', '[fd00::2]']);
  });

  it('is reached by an address of the network where web listens on all addresses', () => {
    const link = info('fe80::1', 'IPv6');
    const [four, six] = [info('192.0.2.7'), info('fd00::2', 'IPv6')];
    const all = [...LOCAL, link, six, four];
    assert.deepEqual(place('0.0.0.0', all), ['127.0.0.1', '192.0.2.7']);
    assert.deepEqual(place('::', all), ['[::1]', '192.0.2.7']);
    assert.deepEqual(place('::', [...LOCAL, link, six]), ['[::1]', '[fd00::2]']);
    assert.deepEqual(place('0.0.0.0', LOCAL), ['127.0.0.1', '127.0.0.1']);
    const { origins } = storePlace({ host: '::', env: {} }, all);
    for (const origin of ['http://192.0.2.7:*', 'http://[fd00::2]:*', 'http://localhost:*']) {
      assert.ok(origins.includes(origin), origin);
    }
    const narrow = storePlace({ host: '127.0.0.1', env: {} }, all).origins;
    assert.ok(!narrow.includes('http://192.0.2.7:*'));
  });

  it('keeps the port of a URL', () => {
    assert.equal(withHost('http://0.0.0.0:90', '192.0.2.7'), 'http://192.0.2.7:90');
    assert.equal(withHost('http://[::]:90', '[::1]'), 'http://[::1]:90');
  });
});
