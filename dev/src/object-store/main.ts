import { runService } from '@parley/backend-common';
import { processEnvironment } from '../config.ts';
import { readStoreConfig } from './config.ts';
import { startEmbeddedStore } from './embedded-store.ts';

await runService(() => startEmbeddedStore(readStoreConfig(processEnvironment())));
