import type { ObjectStoreSettings } from '@parley/backend-common';

import { Bench } from './bench.ts';
import { describeBucket } from './bucket.ts';
import { describeMultipart } from './multipart.ts';
import { describeObjects } from './objects.ts';
import { describePresignedPut } from './presigned-put.ts';

/** Everything that Parley relies on in a store, over the network as clients and services use it. */
export function describeObjectStore(
  name: string,
  settings: () => Promise<ObjectStoreSettings>,
): void {
  describe(name, () => {
    const bench = new Bench(settings);
    before(() => bench.open());
    after(() => bench.close());
    describePresignedPut(bench);
    describeMultipart(bench);
    describeObjects(bench);
    describeBucket(bench);
  });
}
