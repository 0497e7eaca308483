import type { AuthOperationName, AuthOperations, CallOf, OutputOf } from '@parley/common/contract';

/** What a `fetch` must be able to do; the one of browsers, Node and React Native can. */
export type FetchLike = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  },
) => Promise<{ readonly status: number; json(): Promise<unknown> }>;

export interface AuthApiOptions {
  /** Where the public API stands, such as `https://chat.example.org/api`. */
  readonly baseUrl: string;
  /** Default: the global `fetch`. */
  readonly fetch?: FetchLike;
  /** The session token of the calls that need one; `null` while signed out. */
  readonly token?: () => string | null;
}

type Call<Name extends AuthOperationName> = CallOf<AuthOperations[Name]>;
type Answer<Name extends AuthOperationName> = Promise<OutputOf<AuthOperations[Name]>>;

/**
 * The HTTP calls of the auth service for holders of a session token (Node, React Native; a page
 * behind the web service uses cookies instead). Every call rejects with an `AppError`.
 */
export interface AuthApi {
  readonly register: (input: Call<'auth:register'>) => Answer<'auth:register'>;
  readonly login: (input: Call<'auth:login'>) => Answer<'auth:login'>;
  readonly logout: () => Promise<void>;
  readonly changePassword: (input: Call<'auth:password'>) => Promise<void>;
  readonly sessions: () => Answer<'session:list'>;
  readonly revokeSession: (id: string) => Promise<void>;
  readonly revokeOtherSessions: () => Promise<void>;
  readonly me: () => Answer<'me:get'>;
  readonly updateMe: (input: Call<'me:update'>) => Answer<'me:update'>;
  readonly user: (id: string) => Answer<'user:get'>;
  /** By exact `username` or by `prefix` of at least 2 characters. */
  readonly searchUsers: (input: Call<'user:search'>) => Answer<'user:search'>;
  readonly meta: () => Answer<'meta:get'>;
}
