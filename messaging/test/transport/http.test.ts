import assert from 'node:assert/strict';

import { LIMITS } from '@parley/common';

import { request } from '../support/http.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';

describe('the operations over HTTP', () => {
  let stack: TestStack;
  let url: string;
  let ann: Person;
  let conversationId: string;

  before(async () => {
    stack = await TestStack.create();
    ({ url } = await stack.node());
    ann = await stack.people.create();
    conversationId = await stack.group(url, [ann]);
  });
  after(() => stack.close());

  const codeOf = (body: unknown) => (body as { code?: string } | undefined)?.code;

  it('answer like those of the socket', async () => {
    const sent = await request(`${url}/conversations/${conversationId}/messages`, {
      method: 'POST',
      as: ann,
      body: { clientId: 'one', text: 'Hello' },
    });
    assert.equal(sent.status, 200);
    assert.equal(sent.headers.get('cache-control'), 'no-store');
    assert.match(sent.headers.get('x-request-id') ?? '', /^[A-Za-z0-9-]{8,64}$/);
    assert.equal((sent.body as { text: string }).text, 'Hello');
  });

  it('convert the parameters of the query', async () => {
    const page = `${url}/conversations/${conversationId}/entries?after=0&limit=1`;
    const { body, status } = await request(page, { as: ann });
    assert.equal(status, 200);
    assert.equal((body as { entries: unknown[] }).entries.length, 1);
  });

  const refusals: [what: string, path: string, init: object, status: number, code: string][] = [
    ['no token', '/conversations', {}, 401, 'unauthenticated'],
    ['an unknown path', '/nothing', {}, 404, 'unknown_operation'],
    ['a socket operation', '/typing', { method: 'POST' }, 404, 'unknown_operation'],
    ['another method', '/sync', { method: 'GET' }, 405, 'method_not_allowed'],
    ['a name given twice', '/conversations?limit=1&limit=2', {}, 400, 'invalid_input'],
    [
      'another media type',
      '/sync',
      { method: 'POST', body: 'a=1', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported_media_type',
    ],
    [
      'a body that is too large',
      '/sync',
      { method: 'POST', body: { after: 'x'.repeat(LIMITS.frameBytes) } },
      413,
      'payload_too_large',
    ],
  ];
  for (const [what, path, init, status, code] of refusals) {
    it(`refuse ${what}`, async () => {
      const as = code === 'unauthenticated' ? {} : { as: ann };
      const answer = await request(`${url}${path}`, { ...init, ...as });
      assert.equal(answer.status, status);
      assert.equal(codeOf(answer.body), code);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
    });
  }

  it('refuse the same id in path and body', async () => {
    const answer = await request(`${url}/conversations/${conversationId}/messages`, {
      method: 'POST',
      as: ann,
      body: { conversationId, clientId: 'two', text: 'Hello' },
    });
    assert.equal(answer.status, 400);
    assert.equal(codeOf(answer.body), 'invalid_input');
  });

  it('never look at cookies', async () => {
    const { status } = await request(`${url}/conversations`, {
      headers: { cookie: `parley=${ann.token}; __Host-parley=${ann.token}` },
    });
    assert.equal(status, 401);
  });
});
