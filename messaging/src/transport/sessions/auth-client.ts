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
  async touch(sessionIds: readonly string[]): Promise<void> {
    const { tokens, url } = this.#deps;
    const { token } = await tokens.issue({ kind: 'internal', audience: 'auth' });
    const response = await fetch(`${url}/internal/sessions/touch`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        // The next call follows minutes later: keeping the connection has no use.
        connection: 'close',
      },
      body: JSON.stringify({ sessionIds }),
      signal: AbortSignal.timeout(5 * SECOND),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`The auth service answered ${response.status}`);
  }
}
