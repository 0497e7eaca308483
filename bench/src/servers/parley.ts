import { runService } from '@parley/backend-common';
import { startMessaging } from '@parley/messaging';

import { beBenchChild } from './bench-child.ts';

beBenchChild();
await runService(() => startMessaging(process.env));
