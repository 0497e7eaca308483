import { AppError, ERRORS, type ErrorCode, type ErrorIssue } from '@parley/common';
import type {
  AuthOperationName,
  AuthOperations,
  CallOf,
  OutputOf,
  Session,
  User,
} from '@parley/common/contract';

type Call<Name extends AuthOperationName> = CallOf<AuthOperations[Name]>;
type Answer<Name extends AuthOperationName> = Promise<OutputOf<AuthOperations[Name]>>;

/** The response to a login; the session token stays in a cookie that scripts cannot read. */
export interface SignedIn {
  readonly session: Session;
  readonly user: User;
}

interface RequestOptions {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
}

/** Request timeout in milliseconds. */
const PATIENCE = 15_000;

/** The client of the `/bff` endpoints on the page's own origin. Every call rejects with an {@link AppError}. */
export class Bff {
  readonly #fetch: typeof fetch;

  constructor(fetchLike: typeof fetch) {
    this.#fetch = fetchLike;
  }

  register(input: Call<'auth:register'>): Promise<SignedIn> {
    return this.#send({ method: 'POST', path: '/bff/register', body: input });
  }

  login(input: Call<'auth:login'>): Promise<SignedIn> {
    return this.#send({ method: 'POST', path: '/bff/login', body: input });
  }

  logout(): Promise<void> {
    return this.#send({ method: 'POST', path: '/bff/logout', body: {} });
  }

  /** A token for one handshake, valid for 30 seconds. */
  async ticket(): Promise<string> {
    const { ticket } = await this.#send<{ ticket: string }>({
      method: 'POST',
      path: '/bff/ticket',
      body: {},
    });
    return ticket;
  }

  meta(): Answer<'meta:get'> {
    return this.#send({ method: 'GET', path: '/bff/api/meta' });
  }

  me(): Answer<'me:get'> {
    return this.#send({ method: 'GET', path: '/bff/api/me' });
  }

  updateMe(body: Call<'me:update'>): Answer<'me:update'> {
    return this.#send({ method: 'PATCH', path: '/bff/api/me', body });
  }

  deleteMe(body: Call<'me:delete'>): Promise<void> {
    return this.#send({ method: 'DELETE', path: '/bff/api/me', body });
  }

  changePassword(body: Call<'auth:password'>): Promise<void> {
    return this.#send({ method: 'POST', path: '/bff/api/auth/password', body });
  }

  resetPassword(body: Call<'auth:password-reset'>): Promise<void> {
    return this.#send({ method: 'POST', path: '/bff/api/auth/password-reset', body });
  }

  sessions(): Answer<'session:list'> {
    return this.#send({ method: 'GET', path: '/bff/api/auth/sessions' });
  }

  revokeSession(id: string): Promise<void> {
    return this.#send({
      method: 'DELETE',
      path: `/bff/api/auth/sessions/${encodeURIComponent(id)}`,
    });
  }

  revokeOtherSessions(): Promise<void> {
    return this.#send({ method: 'DELETE', path: '/bff/api/auth/sessions' });
  }

  user(id: string): Answer<'user:get'> {
    return this.#send({ method: 'GET', path: `/bff/api/users/${encodeURIComponent(id)}` });
  }

  /** Users by exact `username`, or by `prefix` of at least two characters. */
  searchUsers(
    query: { readonly username: string } | { readonly prefix: string },
  ): Answer<'user:search'> {
    const search = new URLSearchParams({ ...query }).toString();
    return this.#send({ method: 'GET', path: `/bff/api/users?${search}` });
  }

  async #send<Output>({ method, path, body }: RequestOptions): Promise<Output> {
    const response = await this.#reach(path, {
      method,
      headers: {
        'x-parley': '1',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE),
    });
    const answer = await readJson(response);
    if (!response.ok) throw problemOf(response.status, answer);
    return answer as Output;
  }

  async #reach(path: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(path, init);
    } catch (cause) {
      throw new AppError('unavailable', 'The server did not answer', { cause });
    }
  }
}

async function readJson(response: Response): Promise<unknown> {
  if (response.status === 204) return {};
  try {
    return await response.json();
  } catch (cause) {
    if (!response.ok) return null;
    throw new AppError('unavailable', 'The answer was cut off', { cause });
  }
}

/** Maps a response to an error by its problem document, otherwise by its status. */
export function problemOf(status: number, answer: unknown): AppError {
  const problem = (typeof answer === 'object' && answer !== null ? answer : {}) as {
    code?: unknown;
    detail?: unknown;
    retryAfterMs?: unknown;
    issues?: unknown;
  };
  const known = typeof problem.code === 'string' && Object.hasOwn(ERRORS, problem.code);
  const code = known ? (problem.code as ErrorCode) : status >= 502 ? 'unavailable' : 'internal';
  return new AppError(code, typeof problem.detail === 'string' ? problem.detail : undefined, {
    ...(typeof problem.retryAfterMs === 'number' ? { retryAfterMs: problem.retryAfterMs } : {}),
    ...(Array.isArray(problem.issues) ? { issues: problem.issues as ErrorIssue[] } : {}),
  });
}
