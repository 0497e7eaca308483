import { runService } from '@parley/backend-common';
import { startMessaging } from '@parley/messaging';

process.once('disconnect', () => process.exit(1));
await runService(() => startMessaging(process.env));
