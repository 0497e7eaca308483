import type { Logger } from '@parley/backend-common';

import type { PushSender } from '../ports.ts';
import type { FirebaseOptions } from './firebase-sender.ts';
import { LoggingSender } from './logging-sender.ts';

/** A sender through Firebase if there are credentials; otherwise one that only logs, with a warning. */
export function openPushSender(
  {
    credential,
    ...options
  }: Omit<FirebaseOptions, 'credential'> & {
    readonly credential: FirebaseOptions['credential'] | undefined;
  },
  logger: Logger,
): PushSender {
  if (credential !== undefined) return openFirebaseSender({ ...options, credential });
  logger.warn('Pushes are logged and not sent, because GOOGLE_APPLICATION_CREDENTIALS is not set');
  return new LoggingSender({ logger });
}

/**
 * A sender through Firebase. The library is imported with the first push, because it needs much of the memory of a node
 * at rest; the configuration has checked the service account.
 */
export function openFirebaseSender(options: FirebaseOptions): PushSender {
  let opening: Promise<PushSender> | undefined;
  const open = async () => {
    const { createFirebaseSender } = await import('./firebase-sender.ts');
    return createFirebaseSender(options);
  };
  return {
    isConfigured: true,
    async send(push) {
      try {
        return await (await (opening ??= open())).send(push);
      } catch {
        opening = undefined;
        return { kind: 'later', code: 'library-not-loaded' };
      }
    },
    close: async () => (await opening)?.close(),
  };
}
