import { failure, ok, skipped, warning, type Check } from '../finding.ts';

/** Matches the ranges that contain every address. */
const EVERYBODY = /\/0$/;

export const proxies: Check = {
  name: 'trusted-proxies',
  run({ deployment: { settings } }) {
    const { PARLEY_PUBLIC_ORIGIN: origin, PARLEY_TRUSTED_PROXIES: trusted = [] } = settings;
    const open = trusted.filter((range) => EVERYBODY.test(range));
    if (open.length > 0) {
      return failure(
        `PARLEY_TRUSTED_PROXIES trusts everybody (${open.join(', ')}), so any client can claim any address.`,
        'List the addresses of your proxies and of web only.',
      );
    }
    if (trusted.length > 0) return ok(`x-forwarded-for is trusted from ${trusted.join(', ')}.`);
    if (origin === undefined) return skipped('No proxy is set up.');
    return warning(
      'PARLEY_PUBLIC_ORIGIN is set and PARLEY_TRUSTED_PROXIES is not, so limits by address treat all clients as one.',
      'List the addresses of your proxies, and for auth and messaging those of web, in PARLEY_TRUSTED_PROXIES.',
    );
  },
};
