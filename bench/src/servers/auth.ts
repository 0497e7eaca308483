import { startAuth } from '@parley/auth';
import { runService } from '@parley/backend-common';

import { beBenchChild } from './bench-child.ts';

beBenchChild();
await runService(() => startAuth(process.env));
