import { runService } from '@parley/backend-common';
import { startWeb } from '@parley/web';

import { beBenchChild } from './bench-child.ts';

beBenchChild();
await runService(() => startWeb(process.env));
