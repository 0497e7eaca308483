import type { Logger } from '@parley/backend-common';

import type { Push, PushOutcome, PushSender } from '../ports.ts';

/** Logs the ids of pushes instead of sending them, if there are no credentials for Firebase. */
export class LoggingSender implements PushSender {
  readonly isConfigured = false;
  readonly #logger: Logger;

  constructor({ logger }: { readonly logger: Logger }) {
    this.#logger = logger;
  }

  send({ content, deviceId, platform }: Push): Promise<PushOutcome> {
    const { conversationId, seq, type } = content.data;
    this.#logger.info(
      { deviceId, platform, type, conversationId, seq },
      'A push was not sent: there are no credentials for Firebase',
    );
    return Promise.resolve({ kind: 'logged' });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
