import { runService } from '@parley/backend-common';

import { startWeb } from './app.ts';
import { processEnvironment } from './config.ts';

await runService(() => startWeb(processEnvironment()));
