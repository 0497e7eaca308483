import type { Logger } from '@parley/backend-common';

import type { Push, PushOutcome, PushSender } from '../ports.ts';

/** Says what would have been sent, by ids alone, where there are no credentials for Firebase. */
export class LogSender implements PushSender {
  readonly reaches = false;
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
