import type { ServiceTokens } from '@parley/backend-common';
import { SECOND } from '@parley/common';

interface AuthClientDeps {
  /** Base URL of the auth service, without a slash at the end. */
  readonly url: string;
  readonly tokens: ServiceTokens;
}

/** Client of the auth service. */
export class AuthClient {
  readonly #deps: AuthClientDeps;

  constructor(deps: AuthClientDeps) {
    this.#deps = deps;
  }

  /** Reports sessions in use, at most 500. @throws when the auth service does not accept them within 5 s */
  touch(sessionIds: readonly string[]): Promise<void> {
    return this.#post('/internal/sessions/touch', { sessionIds });
  }

  /** Reports that everything of a deleted account is removed. @throws when the auth service does not accept it within 5 s */
  accountRemoved(userId: string): Promise<void> {
    return this.#post('/internal/accounts/removed', { userId });
  }

  async #post(path: string, body: object): Promise<void> {
    const { tokens, url } = this.#deps;
    const { token } = await tokens.issue({ kind: 'internal', audience: 'auth' });
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        // The next call follows minutes later: keeping the connection has no use.
        connection: 'close',
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5 * SECOND),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`The auth service answered ${response.status}`);
  }
}
