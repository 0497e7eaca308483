import { testObjectStoreSettings } from '@parley/backend-common/testing';

import { describeObjectStore } from './support/object-store/conformance.ts';

describeObjectStore('the embedded object store', () => Promise.resolve(testObjectStoreSettings()));
