import { runService } from '@parley/backend-common';

import { processEnvironment } from './config.ts';
import { startMessaging } from './start.ts';

await runService(() => startMessaging(processEnvironment(), { processMetrics: true }));
