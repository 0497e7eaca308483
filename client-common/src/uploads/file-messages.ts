import { AppError } from '@parley/common';
import type { Attachment } from '@parley/common/contract';

import type { UploadProgress } from '../attachments/types.ts';
import type { OutboxQueue } from '../outbox/outbox-queue.ts';
import { failedWith, type OutgoingMessage, UNTRIED } from '../outbox/outgoing-message.ts';
import type { UploadsHost } from './types.ts';

/** Names a message of the outbox. */
export interface MessageKey {
  readonly conversationId: string;
  readonly clientId: string;
}

/** The messages of the outbox that wait for their files. */
export class FileMessages {
  readonly #outbox: Pick<UploadsHost['outbox'], 'queue'>;

  constructor(outbox: Pick<UploadsHost['outbox'], 'queue'>) {
    this.#outbox = outbox;
  }

  queue({ conversationId }: Pick<MessageKey, 'conversationId'>): OutboxQueue {
    return this.#outbox.queue(conversationId);
  }

  find(key: MessageKey): OutgoingMessage | undefined {
    return this.queue(key).find(key.clientId);
  }

  /** The server has the whole file: the message can be sent. */
  finished(key: MessageKey, attachment: Attachment): void {
    const message = this.find(key);
    if (message === undefined) return;
    const { id, name, contentType, size, kind, width, height, durationMs, thumbnail } = attachment;
    const file = { id, name, contentType, size, kind, width, height, durationMs, thumbnail };
    this.queue(key).update({ ...message, file, state: UNTRIED });
  }

  /** The upload failed for good. */
  failed(key: MessageKey, thrown: unknown): void {
    const message = this.find(key);
    const error = thrown instanceof AppError ? thrown : new AppError('internal');
    if (message !== undefined) this.queue(key).update({ ...message, state: failedWith(error) });
  }

  /** Shows how much of the file is uploaded, while the message waits for it. */
  report(key: MessageKey, upload: UploadProgress): void {
    const message = this.find(key);
    if (message?.state.name !== 'waiting') return;
    const delivery = { state: 'sending', cancellable: true, upload } as const;
    this.queue(key).show({ ...message, state: { ...message.state, delivery } });
  }
}
