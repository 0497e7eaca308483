import { SECOND } from '@parley/common';

import { failure, ok, skipped, warning, type Check, type Finding } from '../finding.ts';
import { messageOf } from '../run-checks.ts';

const PATIENCE = 8 * SECOND;
/** Matches the error codes of Node for certificates that it does not accept. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)/;

export const publicOrigin: Check = {
  name: 'public-origin',
  async run({ deployment: { settings } }) {
    const { PARLEY_PUBLIC_ORIGIN: origin } = settings;
    if (origin === undefined) return skipped('PARLEY_PUBLIC_ORIGIN is not set.');
    let answer: Response;
    try {
      // This operation needs no session, and its answer identifies Parley.
      answer = await fetch(`${origin}/api/meta`, {
        redirect: 'manual',
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch (error) {
      return explain(origin, error);
    }
    const body = await answer.text();
    if (answer.status !== 200 || !/"version"|"contract"/.test(body)) {
      return failure(
        `${origin}/api/meta is answered with ${answer.status} and not by Parley.`,
        'Let the proxy pass /api, /socket.io and everything else on, as deploy/nginx/parley/server.conf does.',
      );
    }
    if (origin.startsWith('https:') && !answer.headers.has('strict-transport-security')) {
      return warning(
        `${origin} answers without strict-transport-security.`,
        'Set PARLEY_PUBLIC_ORIGIN for auth, messaging and web too, or let the proxy send x-forwarded-proto and list it in PARLEY_TRUSTED_PROXIES.',
      );
    }
    return ok(`${origin} leads to Parley.`);
  },
};

function explain(origin: string, error: unknown): Finding {
  const message = messageOf(error);
  const { code = '' } = (error as { cause?: { code?: string } }).cause ?? {};
  if (CERTIFICATE.test(code)) {
    return warning(
      `The certificate of ${origin} is not accepted here: ${message}.`,
      'Use a certificate that browsers accept, with its whole chain. A self-signed one is enough for a trial.',
    );
  }
  return warning(
    `${origin} does not answer from here: ${message}.`,
    'Start the proxy and web. If this machine cannot reach its own public address, run the doctor elsewhere.',
  );
}
