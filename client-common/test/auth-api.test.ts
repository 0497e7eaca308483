import assert from 'node:assert/strict';

import { createAuthApi, type FetchLike } from '../src/index.ts';

type Asked = Parameters<FetchLike>;

describe('The auth API', () => {
  const user = { id: 'u' };

  /** An API whose server answers `status` and `body`, and what it was asked. */
  function serverOf(status: number, body: string) {
    const asked: Asked[] = [];
    const fetch: FetchLike = (...call) => {
      asked.push(call);
      return Promise.resolve({ status, json: () => new Response(body).json() });
    };
    const api = createAuthApi({ baseUrl: 'http://host/api', fetch, token: () => 'secret' });
    return { api, asked };
  }

  it('asks what the contract says, with the token', async () => {
    const { api, asked } = serverOf(200, JSON.stringify({ user }));
    const { searchUsers } = api;
    assert.deepEqual(await api.login({ username: 'ada', password: 'pw' }), { user });
    await api.register({ username: 'ada', password: 'a long enough secret' });
    await api.updateMe({ displayName: null });
    await searchUsers({ prefix: 'a&b' });
    await searchUsers({ username: 'ada' });
    await api.user('id/1');
    assert.deepEqual(
      asked.map(([url, { method, body }]) => [method, url, body]),
      [
        ['POST', 'http://host/api/auth/login', '{"username":"ada","password":"pw"}'],
        [
          'POST',
          'http://host/api/auth/register',
          '{"username":"ada","password":"a long enough secret"}',
        ],
        ['PATCH', 'http://host/api/me', '{"displayName":null}'],
        ['GET', 'http://host/api/users?prefix=a%26b', undefined],
        ['GET', 'http://host/api/users?username=ada', undefined],
        ['GET', 'http://host/api/users/id%2F1', undefined],
      ],
    );
    assert.deepEqual(asked[3]?.[1].headers, { authorization: 'Bearer secret' });
    assert.equal(asked[0]?.[1].headers['content-type'], 'application/json');
  });

  it('takes an empty answer as done', async () => {
    const { api, asked } = serverOf(204, '');
    await api.logout();
    await api.revokeSession('s');
    await api.revokeOtherSessions();
    await api.changePassword({ currentPassword: 'a', newPassword: 'b' });
    assert.deepEqual(
      asked.map(([url, { method }]) => `${method} ${url.slice('http://host/api'.length)}`),
      [
        'POST /auth/logout',
        'DELETE /auth/sessions/s',
        'DELETE /auth/sessions',
        'POST /auth/password',
      ],
    );
  });

  it('rejects with the code of the problem', async () => {
    const problem = { code: 'rate_limited', detail: 'Slowly', retryable: true, retryAfterMs: 5 };
    const { api } = serverOf(429, JSON.stringify(problem));
    await assert.rejects(api.me(), {
      name: 'AppError',
      code: 'rate_limited',
      message: 'Slowly',
      retryAfterMs: 5,
    });
  });

  it('rejects with a code also where something else answers, or nobody', async () => {
    await assert.rejects(serverOf(502, '<html>').api.sessions(), { code: 'unavailable' });
    await assert.rejects(serverOf(404, '<html>').api.meta(), { code: 'internal' });
    const fetch = () => Promise.reject(new TypeError('fetch failed'));
    const api = createAuthApi({ baseUrl: '', fetch });
    await assert.rejects(api.register({ username: 'ada', password: 'long enough' }), {
      code: 'unavailable',
    });
  });
});
