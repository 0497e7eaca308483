import { runService } from '@parley/backend-common';

import { processEnvironment } from './config.ts';
import { startAuth } from './start.ts';

await runService(() => startAuth(processEnvironment(), { processMetrics: true }));
