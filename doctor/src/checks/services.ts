import { SECOND } from '@parley/common';

import { ok, skipped, warning, type Check } from '../finding.ts';

const PATIENCE = 6 * SECOND;

export const services: Check = {
  name: 'services',
  async run({ deployment: { settings } }) {
    const { PARLEY_AUTH_URL: auth, PARLEY_MESSAGING_URL: nodes = [] } = settings;
    const urls = [...(auth === undefined ? [] : [auth]), ...nodes];
    if (urls.length === 0) return skipped('No addresses of other services are set.');
    const states = await Promise.all(urls.map(async (url) => ({ url, state: await stateOf(url) })));
    const away = states.filter(({ state }) => state !== 'ready');
    if (away.length === 0) return ok(`${urls.join(', ')} are ready.`);
    return warning(
      away.map(({ state, url }) => `${url} is not ready: ${state}.`).join('\n'),
      'Start these services, or correct PARLEY_AUTH_URL and PARLEY_MESSAGING_URL. The answer of a service to /readyz names what it lacks.',
    );
  },
};

async function stateOf(url: string): Promise<string> {
  try {
    const answer = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(PATIENCE) });
    await answer.body?.cancel();
    return answer.ok ? 'ready' : `it answers with ${answer.status}`;
  } catch {
    return 'it does not answer';
  }
}
