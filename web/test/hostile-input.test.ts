import assert from 'node:assert/strict';

import { answerProblem } from './support/stand-in.ts';
import { WebUnderTest, type KnownSession } from './support/web-under-test.ts';

const LARGE = JSON.stringify({ username: 'ann', password: 'x'.repeat(128 * 1024) });

describe('hostile input to the cookie side', () => {
  let web: WebUnderTest;
  let session: KnownSession;

  before(async () => {
    web = await WebUnderTest.start();
    session = await web.session();
  });

  beforeEach(() => {
    web.auth.received.length = 0;
    web.auth.answers((_received, response) => answerProblem(response, 400, 'invalid_input'));
  });

  after(() => web.close());

  for (const path of ['/bff/register', '/bff/login', '/bff/api/auth/password']) {
    it(`${path} refuses a body above the limit`, async () => {
      for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
        const answer = await web.requestAsPage(path, {
          body: LARGE,
          headers: { ...headers, 'content-type': 'application/json', cookie: session.cookie },
        });
        assert.equal(answer.status, 413);
        assert.equal(answer.json()['code'], 'payload_too_large');
      }
      assert.equal(web.auth.received.length, 0);
    });

    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      '',
    ]) {
      it(`${path} refuses a body of type "${type}"`, async () => {
        const answer = await web.requestAsPage(path, {
          body: '{"username":"ann","password":"secret words"}',
          headers: { cookie: session.cookie, ...(type === '' ? {} : { 'content-type': type }) },
        });
        assert.equal(answer.status, 415);
        assert.equal(answer.json()['code'], 'unsupported_media_type');
        assert.equal(web.auth.received.length, 0);
      });
    }

    // This service does not read them, so nothing in it can be misled; auth judges the very bytes.
    for (const body of [
      '{"__proto__":{"admin":true}}',
      '{"constructor":{"prototype":{"admin":true}}}',
      '{"username":{"$ne":null},"password":{"$ne":null}}',
      '['.repeat(20_000),
      '{',
      'null',
      '"text"',
    ]) {
      it(`${path} leaves ${body.slice(0, 30)} to auth, byte by byte`, async () => {
        const answer = await web.requestAsPage(path, {
          body,
          headers: { 'content-type': 'application/json', cookie: session.cookie },
        });
        assert.equal(answer.status, 400);
        assert.equal(answer.json()['code'], 'invalid_input');
        assert.equal(web.auth.last.body, body);
        assert.equal(({} as { admin?: boolean }).admin, undefined);
      });
    }
  }

  for (const answered of [
    '{}',
    '{"sessionToken":1,"session":{},"user":{}}',
    '{"sessionToken":"a; Domain=evil.example","session":{"expiresAt":9999999999999},"user":{}}',
    'no json',
  ]) {
    it(`a login that auth answers with ${answered} is our own failure and sets no cookie`, async () => {
      web.auth.answers((_received, response) => void response.end(answered));
      const answer = await web.requestAsPage('/bff/login', {
        body: { username: 'a', password: 'b' },
      });
      assert.equal(answer.status, 500);
      assert.equal(answer.json()['code'], 'internal');
      assert.equal(answer.headers['set-cookie'], undefined);
      assert.doesNotMatch(answer.text, /evil|expected/);
    });
  }

  it('of several cookies with one name only the first counts', async () => {
    const name = `parley-${web.port}`;
    const headers = { cookie: `${name}=broken; ${session.cookie}` };
    const answer = await web.requestAsPage('/bff/ticket', { method: 'POST', headers });
    assert.equal(answer.status, 401);
  });

  it('cookies named like properties of prototypes are ignored', async () => {
    const headers = { cookie: `__proto__=a; constructor=b; ${session.cookie}` };
    const answer = await web.requestAsPage('/bff/ticket', { method: 'POST', headers });
    assert.equal(answer.status, 200);
  });
});
