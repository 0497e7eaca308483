import { ConfigError, Metrics, S3ObjectStore } from '@parley/backend-common';

import { failure, ok, skipped, warning, type Check } from '../finding.ts';
import { messageOf } from '../run-checks.ts';

export const bucket: Check = {
  name: 'object-store',
  async run({ deployment: { objectStore: settings, settings: given }, now }) {
    if (settings === undefined)
      return skipped('No object store is set up, so attachments are off.');
    const { PARLEY_ORIGINS: others = [], PARLEY_PUBLIC_ORIGIN: own } = given;
    const origins = own === undefined ? others : [own, ...others];
    const store = new S3ObjectStore({ settings, now, metrics: new Metrics('doctor'), origins });
    try {
      await store.check();
    } catch (error) {
      return failure(
        `${messageOf(error)}.`,
        error instanceof ConfigError
          ? 'Create the bucket and its CORS rules with npm run bucket:setup, and see docs/object-stores.md for the rights of the key.'
          : 'Check whether the store runs and whether S3_ENDPOINT is right.',
      );
    } finally {
      store.close();
    }
    if (origins.length === 0) {
      return warning(
        'The bucket exists and accepts the key. No web origin is set, so its CORS rules were not checked.',
        'Set PARLEY_PUBLIC_ORIGIN to the address of the web app.',
      );
    }
    return ok(`The bucket accepts the key and lets in pages of ${origins.join(', ')}.`);
  },
};
