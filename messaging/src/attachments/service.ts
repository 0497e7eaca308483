import { AppError } from '@parley/common';
import type { OperationInput, OperationOutput } from '@parley/common/contract';

import type { Access } from '../conversations/access.ts';
import type { AttachmentContent } from '../log/attachment-content.ts';
import type { AttachmentDesk } from '../messages/ports.ts';

/** Files in conversations. */
export class AttachmentService implements AttachmentDesk {
  readonly #access: Access;

  constructor({ access }: { readonly access: Access }) {
    this.#access = access;
  }

  /** @throws AppError `not_found` for whoever is no member, `unavailable` */
  async create(
    { conversationId }: OperationInput<'attachment:create'>,
    userId: string,
  ): Promise<OperationOutput<'attachment:create'>> {
    await this.#access.require(conversationId, userId);
    throw new AppError('unavailable', 'Attachments are not set up on this server', {
      retryable: false,
    });
  }

  /** @throws AppError `not_found` */
  resume(): Promise<OperationOutput<'attachment:resume'>> {
    return Promise.reject(noAttachment());
  }

  /** @throws AppError `not_found` */
  complete(): Promise<OperationOutput<'attachment:complete'>> {
    return Promise.reject(noAttachment());
  }

  /** @throws AppError `not_found` */
  cancel(): Promise<OperationOutput<'attachment:cancel'>> {
    return Promise.reject(noAttachment());
  }

  /** @throws AppError `not_found` */
  url(): Promise<OperationOutput<'attachment:url'>> {
    return Promise.reject(noAttachment());
  }

  reserve(): Promise<AttachmentContent> {
    return Promise.reject(noAttachment());
  }

  settle<Outcome>(_: unknown, appending: Promise<Outcome>): Promise<Outcome> {
    return appending;
  }
}

function noAttachment(): AppError {
  return new AppError('not_found', 'The attachment does not exist');
}
