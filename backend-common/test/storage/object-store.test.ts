import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import {
  ConfigError,
  Metrics,
  UPLOAD_RULES,
  closeServer,
  listen,
  openObjectStore,
  type ObjectStoreSettings,
} from '@parley/backend-common';
import {
  recordingLogger,
  testObjectStore,
  testObjectStoreSettings,
} from '@parley/backend-common/testing';

import { presignRequest } from '../../src/storage/presigned-request.ts';

const UNAVAILABLE = { name: 'AppError', code: 'unavailable' };
const NOBODY = 'http://127.0.0.1:1';
const S3_ERROR = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`;

async function countOf(metrics: Metrics, call: string, outcome: string): Promise<number> {
  const text = await metrics.registry.metrics();
  const line = text
    .split('\n')
    .find(
      (candidate) =>
        candidate.startsWith('parley_object_store_seconds_count') &&
        candidate.includes(`call="${call}"`) &&
        candidate.includes(`outcome="${outcome}"`),
    );
  return Number(line?.split(' ').at(-1) ?? 0);
}

function away(): ObjectStoreSettings {
  return { ...testObjectStoreSettings(), endpoint: NOBODY };
}

interface CannedAnswer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that answers each request of a kind in turn, the last answer for ever. */
async function withAnswers(
  answers: readonly CannedAnswer[],
  act: (settings: ObjectStoreSettings, requests: readonly string[]) => Promise<void>,
): Promise<void> {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)]!;
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    request.resume();
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  const endpoint = await listen(server, { host: '127.0.0.1', port: 0 });
  try {
    await act({ ...testObjectStoreSettings(), endpoint, publicEndpoint: endpoint }, requests);
  } finally {
    await closeServer(server, 0);
  }
}

describe('the object store', () => {
  it('is unavailable if nothing answers, keeps the cause, and counts it', async () => {
    const metrics = new Metrics('test');
    const store = testObjectStore({ settings: away(), metrics });
    await assert.rejects(store.head('some/key'), (error: Error) => {
      assert.equal((error as Error & { code: string }).code, 'unavailable');
      assert.match(String((error.cause as NodeJS.ErrnoException).code), /ECONNREFUSED/);
      return true;
    });
    assert.equal(await countOf(metrics, 'head', 'failed'), 1);
    store.close();
  });

  it('counts successful and refused calls', async () => {
    const metrics = new Metrics('test');
    const store = testObjectStore({ metrics });
    await store.put({ key: 'a', body: Buffer.from('a'), contentType: 'text/plain' });
    assert.equal(await store.head('b'), null);
    assert.equal(await countOf(metrics, 'put', 'ok'), 1);
    assert.equal(await countOf(metrics, 'head', 'missing'), 1);
    store.close();
  });

  it('retries if the store fails, and gives up after three attempts', async () => {
    const stumble = { status: 503, body: S3_ERROR('SlowDown') };
    await withAnswers([stumble, { status: 204 }], async (settings, requests) => {
      const store = testObjectStore({ settings });
      await store.delete('key');
      assert.equal(requests.length, 2);
      store.close();
    });
    await withAnswers([stumble], async (settings, requests) => {
      const store = testObjectStore({ settings });
      await assert.rejects(store.delete('key'), UNAVAILABLE);
      assert.equal(requests.length, 3);
      store.close();
    });
  });

  it('aborts again while parts are still in transfer', async () => {
    const parts = { status: 200, body: '<ListPartsResult></ListPartsResult>' };
    const gone = { status: 404, body: S3_ERROR('NoSuchUpload') };
    await withAnswers([{ status: 204 }, parts, { status: 204 }, gone], async (settings, sent) => {
      const store = testObjectStore({ settings });
      await store.abortMultipart({ key: 'key', uploadId: 'upload' });
      assert.deepEqual(
        sent.map((line) => line.split(' ')[0]),
        ['DELETE', 'GET', 'DELETE', 'GET'],
      );
      store.close();
    });
    await withAnswers([{ status: 204 }, parts], async (settings) => {
      const store = testObjectStore({ settings });
      await assert.rejects(store.abortMultipart({ key: 'key', uploadId: 'upload' }), UNAVAILABLE);
      store.close();
    });
  });

  it('reads no more than requested from a store that ignores ranges', async () => {
    await withAnswers([{ status: 200, body: 'x'.repeat(100_000) }], async (settings) => {
      const store = testObjectStore({ settings });
      assert.equal((await store.read('key', { start: 0, end: 16 })).length, 16);
      store.close();
    });
  });

  it('signs with the time of the given clock', async () => {
    const store = testObjectStore({ now: () => Date.UTC(2026, 0, 2, 3, 4, 5) });
    const url = await store.presignGet({
      ...{ key: 'key', contentType: 'text/plain', contentDisposition: 'inline' },
      expiresInMs: 90_500,
    });
    const { searchParams } = new URL(url);
    assert.equal(searchParams.get('X-Amz-Date'), '20260102T030405Z');
    assert.equal(searchParams.get('X-Amz-Expires'), '90');
    store.close();
  });

  it('signs the example of the documentation of AWS', () => {
    const settings: ObjectStoreSettings = {
      ...{ endpoint: 'https://examplebucket.s3.amazonaws.com', region: 'us-east-1', bucket: '' },
      publicEndpoint: '',
      secret: {
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      },
    };
    const url = presignRequest(settings, {
      ...{ method: 'GET', path: '/test.txt', now: Date.UTC(2013, 4, 24) },
      expiresInMs: 86_400_000,
    });
    assert.equal(
      new URL(url).searchParams.get('X-Amz-Signature'),
      'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    );
  });

  it('calls the store with the same clock, even if the machine’s clock is wrong', async () => {
    const dates: unknown[] = [];
    const server = createServer((request, response) => {
      dates.push(request.headers['x-amz-date']);
      response.writeHead(204).end();
    });
    const endpoint = await listen(server, { host: '127.0.0.1', port: 0 });
    const settings = { ...testObjectStoreSettings(), endpoint };
    const store = testObjectStore({ settings, now: () => Date.UTC(2026, 0, 2, 3, 4, 5) });
    await store.delete('key');
    assert.match(String(dates[0]), /^20260102T0304/);
    store.close();
    await closeServer(server, 0);
  });

  it('gives clients the public endpoint, and itself calls the internal one', async () => {
    const settings = { ...testObjectStoreSettings(), publicEndpoint: 'https://files.example.org' };
    const store = testObjectStore({ settings });
    const { url } = await store.presignPut({
      ...{ key: 'key', contentType: 'image/png', contentLength: 5, expiresInMs: 60_000 },
    });
    assert.ok(url.startsWith(`https://files.example.org/${settings.bucket}/key?`), url);
    assert.equal(await store.head('key'), null);
    store.close();
  });
});

describe('opening the object store', () => {
  const open = (settings: ObjectStoreSettings | undefined, origins: readonly string[] = []) => {
    const { lines, logger } = recordingLogger();
    const metrics = new Metrics('test');
    const opened = openObjectStore(settings, { logger, metrics, now: Date.now, origins });
    return { opened, lines };
  };

  it('logs that attachments are off if none is configured', async () => {
    const { lines, opened } = open(undefined);
    assert.equal(await opened, undefined);
    assert.match(lines.join(), /Attachments are off: S3_ENDPOINT is not set/);
  });

  it('continues and logs a warning if the store does not answer', async () => {
    const { lines, opened } = open(away());
    const store = await opened;
    assert.ok(store);
    assert.match(lines.join(), /The object store does not answer; attachments wait for it/);
    store.close();
  });

  it('fails if the bucket is not set up', async () => {
    const { opened } = open({ ...testObjectStoreSettings(), bucket: 'none' });
    await assert.rejects(opened, (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /There is no bucket none/);
      return true;
    });
  });

  it('fails if the access key may not use the bucket', async () => {
    const settings = testObjectStoreSettings();
    const secret = { ...settings.secret, secretAccessKey: 'of somebody else' };
    await assert.rejects(open({ ...settings, secret }).opened, {
      name: 'ConfigError',
      message: /does not let S3_ACCESS_KEY_ID use the bucket/,
    });
  });

  it('asks three times while the store fails, and then starts without it', async () => {
    await withAnswers([{ status: 503 }, { status: 200 }], async (settings, requests) => {
      const { lines, opened } = open(settings);
      (await opened)?.close();
      assert.deepEqual([requests.length, lines], [2, []]);
    });
    await withAnswers([{ status: 503 }], async (settings, requests) => {
      const { lines, opened } = open(settings);
      (await opened)?.close();
      assert.equal(requests.length, 3);
      assert.match(lines.join(), /The object store does not answer/);
    });
  });

  it('fails if the region is not that of the bucket', async () => {
    await withAnswers([{ status: 301 }], async (settings) => {
      await assert.rejects(open(settings).opened, { name: 'ConfigError', message: /S3_REGION/ });
    });
  });

  it('fails if the CORS rules do not let our pages upload or read the etag', async () => {
    const origin = 'https://chat.example.org';
    const found = { status: 200 };
    const allowed = {
      status: 200,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-allow-headers': UPLOAD_RULES.headers.join(', '),
      },
    };
    const exposed = {
      status: 404,
      headers: { ...allowed.headers, 'access-control-expose-headers': 'etag' },
    };
    const hidden = { status: 404, headers: allowed.headers };
    await withAnswers([found, allowed, exposed], async (settings) => {
      (await open(settings, [origin]).opened)?.close();
    });
    await withAnswers([found, { status: 403 }], async (settings) => {
      await assert.rejects(open(settings, [origin]).opened, { message: /do not let pages of/ });
    });
    await withAnswers([found, allowed, hidden], async (settings) => {
      await assert.rejects(open(settings, [origin]).opened, { message: /do not expose ETag/ });
    });
  });

  it('does not log secrets', async () => {
    const settings = away();
    const { lines, opened } = open(settings);
    (await opened)?.close();
    assert.ok(!lines.join().includes(settings.secret.secretAccessKey));
  });
});
