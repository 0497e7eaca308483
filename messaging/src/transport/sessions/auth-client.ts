import type { ServiceTokens } from '@parley/backend-common';
import { SECOND } from '@parley/common';

interface AuthClientDeps {
  /** Base URL of the auth service, without a slash at the end. */
  readonly url: string;
  readonly tokens: ServiceTokens;
}

/** Speaks to the auth service. */
export class AuthClient {
  readonly #deps: AuthClientDeps;

  constructor(deps: AuthClientDeps) {
    this.#deps = deps;
  }

  /** Says that sessions are in use, at most 500. @throws when the auth service does not take it within 5 s */
  async touch(sessionIds: readonly string[]): Promise<void> {
    const { tokens, url } = this.#deps;
    const { token } = await tokens.issue({ kind: 'internal', audience: 'auth' });
    const response = await fetch(`${url}/internal/sessions/touch`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        // Minutes pass until the next call: nothing is won by keeping the connection.
        connection: 'close',
      },
      body: JSON.stringify({ sessionIds }),
      signal: AbortSignal.timeout(5 * SECOND),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`The auth service answered ${response.status}`);
  }
}
