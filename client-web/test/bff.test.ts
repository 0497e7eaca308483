import assert from 'node:assert/strict';
import { AppError, type ErrorCode } from '@parley/common';

import { Bff, problemOf } from '../src/session/bff.ts';

interface Asked {
  readonly path: string;
  readonly init: RequestInit;
}

/** A server that gives the same answer to every request and records the requests. */
function answering(response: () => Response) {
  const asked: Asked[] = [];
  const bff = new Bff((path, init) => {
    asked.push({ path: path as string, init: init ?? {} });
    return Promise.resolve(response());
  });
  return { bff, asked };
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const hasCode = (code: ErrorCode) => (error: unknown) =>
  error instanceof AppError && error.code === code;

describe('BFF client', () => {
  it('sends the header that other sites cannot send', async () => {
    const { bff, asked } = answering(() => json({ ticket: 't' }));
    assert.equal(await bff.ticket(), 't');
    assert.equal(asked[0]?.path, '/bff/ticket');
    assert.equal(new Headers(asked[0].init.headers).get('x-parley'), '1');
    assert.equal(asked[0].init.method, 'POST');
    assert.equal(asked[0].init.credentials, 'same-origin');
  });

  it('encodes names and ids so that they cannot change the path', async () => {
    const { bff, asked } = answering(() => json({ users: [] }));
    await bff.searchUsers({ prefix: 'a&username=b/../' });
    await bff.user('../sessions');
    assert.equal(asked[0]?.path, '/bff/api/users?prefix=a%26username%3Db%2F..%2F');
    assert.equal(asked[1]?.path, '/bff/api/users/..%2Fsessions');
  });

  it('resolves with nothing on 204', async () => {
    const { bff } = answering(() => new Response(null, { status: 204 }));
    await bff.revokeOtherSessions();
  });

  it('rejects with the code of the problem document', async () => {
    const { bff } = answering(() => json({ code: 'username_taken', detail: 'x' }, 409));
    await assert.rejects(
      bff.register({ username: 'ada', password: 'eight888' }),
      hasCode('username_taken'),
    );
  });

  it('rejects with `unavailable` when there is no answer or an incomplete one', async () => {
    const silent = new Bff(() => Promise.reject(new TypeError('Failed to fetch')));
    await assert.rejects(silent.me(), hasCode('unavailable'));
    const { bff } = answering(() => new Response('{"id": "0196'));
    await assert.rejects(bff.me(), hasCode('unavailable'));
  });
});

describe('problem document', () => {
  it('is mapped by its status if it has no known code', () => {
    assert.equal(problemOf(502, '<html>').code, 'unavailable');
    assert.equal(problemOf(500, null).code, 'internal');
    assert.equal(problemOf(400, { code: 'constructor' }).code, 'internal');
  });

  it('keeps the retry delay and the invalid fields', () => {
    const issues = [{ path: 'username', message: 'x' }];
    const problem = problemOf(429, { code: 'rate_limited', retryAfterMs: 900, issues });
    assert.equal(problem.retryAfterMs, 900);
    assert.deepEqual(problem.issues, issues);
  });
});
