import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { MessagingContext } from '../transport/server/context.ts';
import type { UploadCompletion } from './upload-completion.ts';
import type { Downloads } from './downloads.ts';
import type { UploadPolicy } from './upload-policy.ts';
import { noAttachment, noStore } from './refusals.ts';
import type { Uploads } from './uploads.ts';

export type AttachmentOperation = Extract<keyof Operations, `attachment:${string}`>;

type AttachmentHandlers = Pick<Handlers<Operations, MessagingContext>, AttachmentOperation>;

/** Handlers of the operations on attachments. */
export function attachmentHandlers(deps: {
  readonly uploads: Uploads;
  readonly completion: UploadCompletion;
  readonly downloads: Downloads;
}): AttachmentHandlers {
  const { completion, downloads, uploads } = deps;
  return {
    'attachment:create': (input, { caller }) => uploads.create(input, caller.userId),
    'attachment:resume': (input, { caller }) => uploads.resume(input, caller.userId),
    'attachment:complete': (input, { caller }) => completion.complete(input, caller.userId),
    'attachment:cancel': (input, { caller }) => uploads.cancel(input, caller.userId),
    'attachment:url': (input, { caller }) => downloads.url(input, caller.userId),
  };
}

/** The handlers where no store is configured. Only users who may write in the conversation learn of that. */
export function handlersWithoutStore(policy: UploadPolicy): AttachmentHandlers {
  const refuse = () => Promise.reject(noAttachment());
  return {
    'attachment:create': async ({ conversationId }, { caller }) => {
      await policy.requireUpload(conversationId, caller.userId);
      throw noStore();
    },
    'attachment:resume': refuse,
    'attachment:complete': refuse,
    'attachment:cancel': refuse,
    'attachment:url': refuse,
  };
}
