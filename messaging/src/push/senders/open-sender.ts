import type { Logger } from '@parley/backend-common';

import type { FirebaseOptions } from './firebase-sender.ts';
import { LogSender } from './logging-sender.ts';
import type { PushSender } from '../ports.ts';

/** Opens what sends pushes: Firebase where there are credentials, else the log, with a warning. */
export async function openPushSender(
  credential: FirebaseOptions['credential'] | undefined,
  logger: Logger,
): Promise<PushSender> {
  if (credential !== undefined) return openFirebaseSender({ credential });
  logger.warn(
    'Pushes are logged and not sent: GOOGLE_APPLICATION_CREDENTIALS names no service account of Firebase',
  );
  return new LogSender({ logger });
}

/** Opens what sends pushes through Firebase. Imported only where it is needed: it takes as much memory as the rest of the service. */
export async function openFirebaseSender(options: FirebaseOptions): Promise<PushSender> {
  const { createFirebaseSender } = await import('./firebase-sender.ts');
  return createFirebaseSender(options);
}
