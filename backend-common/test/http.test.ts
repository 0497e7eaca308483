import assert from 'node:assert/strict';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { recordingLogger } from '@parley/backend-common/testing';
import { AppError } from '@parley/common';
import { MongoNetworkError } from 'mongodb';

import { startToyService } from './support/toy-service.ts';

type Toy = Awaited<ReturnType<typeof startToyService>>;

const GOOD = { authorization: 'Bearer good' };
const JSON_TYPE = { 'content-type': 'application/json' };

describe('the HTTP server of a service', () => {
  let toy: Toy;
  before(async () => {
    toy = await startToyService({
      ready: () => Promise.reject(new AppError('unavailable', 'Draining')),
    });
  });
  beforeEach(() => void toy.seen.splice(0));
  after(() => toy.close());

  const call = (method: string, path: string, init: RequestInit = {}) =>
    fetch(toy.url + path, { method, ...init });
  const problem = async (response: Response) => {
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    return (await response.json()) as Record<string, unknown>;
  };

  describe('input', () => {
    it('is merged from path and body', async () => {
      const response = await call('PATCH', '/toys/a%2Fb', {
        headers: { ...GOOD, ...JSON_TYPE },
        body: '{"size":3}',
      });
      assert.deepEqual(await response.json(), { id: 'a/b', size: 3 });
    });

    it('from the query is converted to the types of the schema', async () => {
      const response = await call('GET', '/toys?limit=7&big=true&name=12', { headers: GOOD });
      assert.deepEqual(await response.json(), { limit: 7, big: true, name: '12' });
    });

    const bad: [string, string, string, string?][] = [
      ['a name in path and body', 'PATCH', '/toys/a', '{"id":"b"}'],
      ['a name in path and query', 'PATCH', '/toys/a?id=b'],
      ['a name in query and body', 'PATCH', '/toys/a?name=b', '{"name":"c"}'],
      ['a repeated query key', 'GET', '/toys?name=a&name=b'],
      ['a query key in brackets', 'GET', '/toys?name[$ne]=a'],
      ['a number that is none', 'GET', '/toys?limit=1e3'],
      ['an empty number', 'GET', '/toys?limit='],
      ['a boolean that is none', 'GET', '/toys?big=yes'],
      ['a huge number', 'GET', '/toys?limit=99999999999999999999'],
      ['an unknown query key', 'GET', '/toys?__proto__=1'],
      ['a query key of the prototype', 'GET', '/toys?constructor=1'],
      ['a body that is a list', 'PATCH', '/toys/a', '[]'],
      ['a body that is null', 'PATCH', '/toys/a', 'null'],
      ['a body that is a string', 'PATCH', '/toys/a', '"a"'],
      ['a body that is no JSON', 'PATCH', '/toys/a', '{"size":'],
      ['__proto__ in the body', 'PATCH', '/toys/a', '{"__proto__":{"size":1}}'],
      ['constructor in the body', 'PATCH', '/toys/a', '{"constructor":{"prototype":{}}}'],
      ['an unknown field', 'PATCH', '/toys/a', '{"extra":1}'],
      ['an operator', 'PATCH', '/toys/a', '{"name":{"$ne":null}}'],
      ['a list for a string', 'PATCH', '/toys/a', '{"name":["a"]}'],
      ['20,000 levels', 'POST', '/toys', `{"nested":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
    ];
    for (const [what, method, path, body] of bad) {
      it(`with ${what} is refused`, async () => {
        const response = await call(method, path, {
          headers: { ...GOOD, ...(body === undefined ? {} : JSON_TYPE) },
          ...(body === undefined ? {} : { body }),
        });
        assert.equal(response.status, 400);
        assert.equal((await problem(response))['code'], 'invalid_input');
        assert.deepEqual(toy.seen, []);
      });
    }

    it('with a path that cannot be decoded is used as it is', async () => {
      const response = await call('PATCH', '/toys/%E0%A4%A', { headers: GOOD });
      assert.deepEqual(await response.json(), { id: '%E0%A4%A' });
    });

    it('of another media type is refused', async () => {
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
      ]) {
        const response = await call('POST', '/toys', {
          headers: { 'content-type': type },
          body: '{}',
        });
        assert.equal((await problem(response))['code'], 'unsupported_media_type', type);
      }
    });

    it('that is not UTF-8 is refused, and U+FFFD itself is not', async () => {
      const send = (text: string, encoding: BufferEncoding) =>
        call('PATCH', '/toys/a', {
          headers: { ...GOOD, ...JSON_TYPE },
          body: Buffer.from(`{"name":"${text}"}`, encoding),
        });
      const refused = await problem(await send('José', 'latin1'));
      assert.equal(refused['code'], 'invalid_input');
      assert.equal(refused['detail'], 'The body must be UTF-8');
      assert.equal((await send('\xF0\x9F\x98', 'latin1')).status, 400, 'half a character');
      assert.deepEqual(toy.seen, []);
      assert.deepEqual(await (await send('Jos\uFFFD', 'utf8')).json(), {
        id: 'a',
        name: 'Jos\uFFFD',
      });
    });

    it('above 128 KiB is refused, with or without a length, compressed or not', async () => {
      const large = JSON.stringify({ nested: 'x'.repeat(140_000) });
      const announced = await call('POST', '/toys', { headers: JSON_TYPE, body: large });
      assert.equal((await problem(announced))['code'], 'payload_too_large');
      const packed = await call('POST', '/toys', {
        headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
        body: gzipSync(large),
      });
      assert.equal((await problem(packed))['code'], 'payload_too_large');
      assert.equal(await sendChunked(toy.url, large), 413);
    });
  });

  describe('an answer', () => {
    it('without data is 204', async () => {
      const response = await call('DELETE', '/toys/a', { headers: GOOD });
      assert.equal(response.status, 204);
      assert.equal(await response.text(), '');
    });

    it('has the status that the operation declares', async () => {
      assert.equal((await call('POST', '/toys')).status, 201);
    });

    it('is not cached and has security headers', async () => {
      for (const path of ['/toys', '/nowhere', '/healthz']) {
        const { headers } = await call('GET', path);
        assert.equal(headers.get('cache-control'), 'no-store');
        assert.equal(headers.get('x-content-type-options'), 'nosniff');
        assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
        assert.equal(headers.get('x-powered-by'), null);
      }
    });

    it('keeps the connection open longer than proxies keep idle connections', async () => {
      const { headers } = await call('GET', '/toys');
      assert.equal(headers.get('keep-alive'), 'timeout=65');
    });

    it('carries the request id, which is the caller’s if it is well-formed', async () => {
      const mine = await call('POST', '/toys', { headers: { 'x-request-id': 'my-request-1' } });
      assert.equal(mine.headers.get('x-request-id'), 'my-request-1');
      const { requestId } = (await mine.json()) as { requestId: string };
      assert.equal(requestId, 'my-request-1');
      for (const bad of ['short', 'x'.repeat(65), 'with space 12', '{"$ne":1}']) {
        const response = await call('POST', '/toys', { headers: { 'x-request-id': bad } });
        assert.match(response.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
        await response.body?.cancel();
      }
    });
  });

  describe('a problem', () => {
    it('follows RFC 9457, and contains no details of an unexpected failure', async () => {
      const response = await call('POST', '/crash', {
        headers: { 'x-request-id': 'my-request-1' },
      });
      assert.equal(response.status, 500);
      assert.deepEqual(await problem(response), {
        type: 'urn:parley:error:internal',
        title: 'Something went wrong',
        status: 500,
        code: 'internal',
        detail: 'Something went wrong on our side',
        instance: 'my-request-1',
        retryable: true,
      });
    });

    it('says that the service is unavailable while MongoDB cannot be reached, and logs why', async () => {
      const log = recordingLogger();
      const failure = new MongoNetworkError('the secret address refused');
      const broken = await startToyService({ logger: log.logger, failure });
      try {
        const response = await fetch(`${broken.url}/crash`, { method: 'POST' });
        const text = await response.text();
        assert.equal(response.status, 503);
        assert.equal(response.headers.get('retry-after'), '1');
        const { code, retryable } = JSON.parse(text) as Record<string, unknown>;
        assert.deepEqual({ code, retryable }, { code: 'unavailable', retryable: true });
        assert.doesNotMatch(text, /secret/);
        assert.match(JSON.stringify(log.lines), /A request failed/);
        assert.match(JSON.stringify(log.lines), /the secret address refused/);
      } finally {
        await broken.close();
      }
    });

    it('says when to retry', async () => {
      const response = await call('POST', '/busy');
      assert.equal(response.headers.get('retry-after'), '3');
      assert.equal((await problem(response))['retryAfterMs'], 2_500);
    });

    it('asks for a token if it is missing or invalid', async () => {
      for (const authorization of [
        undefined,
        'Basic abc',
        'Bearer',
        'Bearer a b',
        'good',
        'Bearer bad',
      ]) {
        const headers = authorization === undefined ? {} : { authorization };
        const response = await call('GET', '/toys', { headers });
        assert.equal(response.status, 401);
        assert.equal(response.headers.get('www-authenticate'), 'Bearer');
        assert.equal((await problem(response))['code'], 'unauthenticated');
      }
    });

    it('names the allowed methods if another one was used', async () => {
      const response = await call('PUT', '/toys', { headers: GOOD });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get('allow'), 'GET, POST');
      assert.equal((await problem(response))['code'], 'method_not_allowed');
    });

    it('is the answer for unknown paths', async () => {
      for (const path of ['/', '/nowhere', '/TOYS', '/toys/', '/toys/a/b', '//toys', '/whisper']) {
        const response = await call('GET', path, { headers: GOOD });
        assert.equal(response.status, 404, path);
        assert.equal((await problem(response))['code'], 'unknown_operation');
      }
    });
  });

  it('answers unavailable while a request takes too long', async () => {
    const service = await startToyService({ patience: 20 });
    try {
      const headers = { authorization: 'Bearer never' };
      const answer = await fetch(`${service.url}/toys`, { headers });
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '1']);
      assert.equal((await problem(answer))['code'], 'unavailable');
    } finally {
      await service.close();
    }
  });

  it('waits for an operation that may take long, but not for its authentication', async () => {
    const service = await startToyService({ patience: 20 });
    try {
      const post = (bearer: string) =>
        fetch(`${service.url}/assemble`, {
          method: 'POST',
          headers: { authorization: `Bearer ${bearer}` },
        });
      const assembled = post('good');
      // It came later, and its patience is over.
      assert.equal((await post('never')).status, 503);
      await fetch(`${service.url}/toys`, { headers: GOOD });
      assert.equal((await assembled).status, 204);
    } finally {
      await service.close();
    }
  });

  describe('an answer to a client on https', () => {
    const hsts = async (options: object, headers: Record<string, string> = {}) => {
      const service = await startToyService(options);
      try {
        const answers = await Promise.all(
          ['/healthz', '/toys', '/nothing'].map((path) => fetch(service.url + path, { headers })),
        );
        return answers.map((answer) => answer.headers.get('strict-transport-security'));
      } finally {
        await service.close();
      }
    };
    const forwarded = { 'x-forwarded-proto': 'https' };
    const year = ['max-age=31536000', 'max-age=31536000', 'max-age=31536000'];
    const none = [null, null, null];

    it('asks for https from then on, whatever it answers', async () => {
      assert.deepEqual(await hsts({ publicOrigin: 'https://chat.example' }), year);
      assert.deepEqual(await hsts({ trustedProxies: ['127.0.0.1'] }, forwarded), year);
    });

    it('does not on plain http, or because a client says so', async () => {
      assert.deepEqual(await hsts({ publicOrigin: 'http://chat.example' }), none);
      assert.deepEqual(await hsts({}, forwarded), none);
    });
  });

  describe('other origins', () => {
    it('may call without credentials if they are listed', async () => {
      const { headers } = await call('GET', '/toys', {
        headers: { origin: 'https://friend.example' },
      });
      assert.equal(headers.get('access-control-allow-origin'), 'https://friend.example');
      assert.equal(headers.get('access-control-allow-credentials'), null);
    });

    it('may not call if they are not listed', async () => {
      for (const origin of ['https://evil.example', 'https://friend.example.evil', 'null']) {
        for (const method of ['GET', 'OPTIONS']) {
          const { headers } = await call(method, '/toys', {
            headers: { origin, 'access-control-request-method': 'GET' },
          });
          assert.equal(headers.get('access-control-allow-origin'), null, `${method} ${origin}`);
        }
      }
    });

    it('get the allowed methods and headers from a preflight request', async () => {
      const response = await call('OPTIONS', '/toys/a', {
        headers: { origin: 'https://friend.example', 'access-control-request-method': 'PATCH' },
      });
      assert.equal(response.status, 204);
      assert.match(response.headers.get('access-control-allow-methods') ?? '', /PATCH/);
    });
  });

  it('is alive while it is not ready, and says why it is not ready', async () => {
    assert.equal((await call('GET', '/healthz')).status, 200);
    const response = await call('GET', '/readyz');
    assert.equal(response.status, 503);
    assert.equal((await problem(response))['detail'], 'Draining');
  });
});

/** Sends a body without a `content-length`. Returns the status. */
function sendChunked(url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/toys`, { method: 'POST', headers: JSON_TYPE }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.write(body.slice(0, 40_000));
    sent.end(body.slice(40_000));
  });
}
