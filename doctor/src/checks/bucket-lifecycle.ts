import { readUploadExpiry } from '@parley/backend-common';

import { ok, skipped, warning, type Check } from '../finding.ts';

export const bucketLifecycle: Check = {
  name: 'object-store-lifecycle',
  async run({ deployment: { objectStore: settings } }) {
    if (settings === undefined)
      return skipped('No object store is set up, so attachments are off.');
    let expiry;
    try {
      expiry = await readUploadExpiry(settings);
    } catch {
      return skipped('The object store does not answer; see the check object-store.');
    }
    if (expiry === 'present') return ok('The bucket aborts incomplete uploads by itself.');
    if (expiry === 'unknown') {
      return skipped('The store or the key does not say whether incomplete uploads are aborted.');
    }
    return warning(
      'The bucket does not abort incomplete uploads by itself.',
      'Add a lifecycle rule that aborts incomplete multipart uploads after two days (docs/object-stores.md).',
    );
  },
};
