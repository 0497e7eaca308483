import { AppError, type ErrorBody } from '@parley/common';

import type { AuthApi, AuthApiOptions, FetchLike } from './api/auth-api.ts';
import { fromBody } from './connection/error-body.ts';

/** An `application/problem+json` body. */
interface Problem extends ErrorBody {
  readonly detail: string;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Makes the HTTP calls of the auth service. */
export function createAuthApi(options: AuthApiOptions): AuthApi {
  const call = createCall(options);
  return {
    register: (input) => call('POST /auth/register', input),
    login: (input) => call('POST /auth/login', input),
    logout: () => call('POST /auth/logout'),
    changePassword: (input) => call('POST /auth/password', input),
    sessions: () => call('GET /auth/sessions'),
    revokeSession: (id) => call(`DELETE /auth/sessions/${encodeURIComponent(id)}`),
    revokeOtherSessions: () => call('DELETE /auth/sessions'),
    me: () => call('GET /me'),
    updateMe: (input) => call('PATCH /me', input),
    user: (id) => call(`GET /users/${encodeURIComponent(id)}`),
    searchUsers: ({ username, prefix }) =>
      call(
        username === undefined
          ? `GET /users?prefix=${encodeURIComponent(prefix ?? '')}`
          : `GET /users?username=${encodeURIComponent(username)}`,
      ),
    meta: () => call('GET /meta'),
  };
}

function createCall({ baseUrl, fetch, token }: AuthApiOptions) {
  const send = fetch ?? (globalThis as unknown as { readonly fetch: FetchLike }).fetch;
  return async <T>(target: `${Method} /${string}`, body?: unknown): Promise<T> => {
    const [method = '', path = ''] = target.split(' ');
    const held = token?.() ?? null;
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(held === null ? {} : { authorization: `Bearer ${held}` }),
    };
    const init = { method, headers, body: JSON.stringify(body) };
    const answer = await send(baseUrl + path, init).catch((cause: unknown) => {
      throw new AppError('unavailable', undefined, { cause });
    });
    // Nothing, or what stands between us and the server, may have answered something else.
    const data = (await answer.json().catch(() => ({}))) as Partial<Problem>;
    if (answer.status < 400) return data as T;
    const code = answer.status < 500 ? 'internal' : 'unavailable';
    throw fromBody({ code, ...data, ...(data.detail ? { message: data.detail } : {}) });
  };
}
