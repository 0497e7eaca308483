import type { Logger } from '@parley/backend-common';

import type { PushSender } from '../ports.ts';
import type { FirebaseOptions } from './firebase-sender.ts';
import { LoggingSender } from './logging-sender.ts';

/** A sender through Firebase if there are credentials; otherwise one that only logs, with a warning. */
export async function openPushSender(
  {
    credential,
    ...options
  }: Omit<FirebaseOptions, 'credential'> & {
    readonly credential: FirebaseOptions['credential'] | undefined;
  },
  logger: Logger,
): Promise<PushSender> {
  if (credential !== undefined) return openFirebaseSender({ ...options, credential });
  logger.warn('Pushes are logged and not sent, because GOOGLE_APPLICATION_CREDENTIALS is not set');
  return new LoggingSender({ logger });
}

/** A sender through Firebase. The library is imported on demand, because it needs as much memory as the rest of the service. */
export async function openFirebaseSender(options: FirebaseOptions): Promise<PushSender> {
  const { createFirebaseSender } = await import('./firebase-sender.ts');
  return createFirebaseSender(options);
}
