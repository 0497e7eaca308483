import { AppError, type ErrorBody, fromErrorBody } from '@parley/common';

import type { AuthApi, AuthApiOptions, FetchLike } from './types.ts';

/** An `application/problem+json` body. */
interface Problem extends ErrorBody {
  readonly detail: string;
}

const scope = globalThis as unknown as { readonly fetch: FetchLike };

/** Makes the HTTP calls of the auth service. */
export function createAuthApi(options: AuthApiOptions): AuthApi {
  const call = createCall(options);
  return {
    register: (input) => call('POST', '/auth/register', input),
    login: (input) => call('POST', '/auth/login', input),
    logout: () => call('POST', '/auth/logout'),
    changePassword: (input) => call('POST', '/auth/password', input),
    sessions: () => call('GET', '/auth/sessions'),
    revokeSession: (id) => call('DELETE', '/auth/sessions/' + encode(id)),
    revokeOtherSessions: () => call('DELETE', '/auth/sessions'),
    me: () => call('GET', '/me'),
    updateMe: (input) => call('PATCH', '/me', input),
    user: (id) => call('GET', '/users/' + encode(id)),
    searchUsers: ({ username, prefix }) =>
      call(
        'GET',
        '/users?' +
          (username === undefined ? 'prefix=' + encode(prefix) : 'username=' + encode(username)),
      ),
    meta: () => call('GET', '/meta'),
  };
}

function encode(text = ''): string {
  return encodeURIComponent(text);
}

function createCall({ baseUrl, fetch = scope.fetch, token }: AuthApiOptions) {
  return async <T>(...[method, path, input]: [string, string, unknown?]): Promise<T> => {
    const held = token?.();
    const init = {
      method,
      headers: {
        ...(input !== undefined && { 'content-type': 'application/json' }),
        ...(held && { authorization: `Bearer ${held}` }),
      },
      body: JSON.stringify(input),
    };
    const answer = await fetch(baseUrl + path, init).catch((cause: unknown) => {
      throw new AppError('unavailable', undefined, { cause });
    });
    // The answer may have no body, or come from a proxy.
    const data = (await answer.json().catch(() => ({}))) as Partial<Problem>;
    if (answer.status < 400) return data as T;
    const code = answer.status < 500 ? 'internal' : 'unavailable';
    throw fromErrorBody({ code, ...data, message: data.detail });
  };
}
