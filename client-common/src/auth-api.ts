import type { AuthApi, AuthApiOptions } from './api/auth-api.ts';

/** Makes the HTTP calls of the auth service. */
export function createAuthApi(options: AuthApiOptions): AuthApi {
  throw new Error(`Not built yet: ${options.baseUrl}`);
}
