import { runService } from '@parley/backend-common';

import { processEnvironment } from './config.ts';
import { startWeb } from './start.ts';

await runService(() => startWeb(processEnvironment(), { processMetrics: true }));
