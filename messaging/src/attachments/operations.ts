import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { MessagingContext } from '../transport/server/context.ts';
import type { Completion } from './completion.ts';
import type { Downloads } from './downloads.ts';
import type { Entrance } from './entrance.ts';
import { noAttachment, noStore } from './refusals.ts';
import type { Uploads } from './uploads.ts';

type AttachmentHandlers = Pick<
  Handlers<Operations, MessagingContext>,
  Extract<keyof Operations, `attachment:${string}`>
>;

/** Handlers of the operations on attachments. */
export function attachmentHandlers(deps: {
  readonly uploads: Uploads;
  readonly completion: Completion;
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

/** Handlers where no store is set up: whoever may write is told so, and nobody else anything. */
export function handlersWithoutStore(entrance: Entrance): AttachmentHandlers {
  const refuse = () => Promise.reject(noAttachment());
  return {
    'attachment:create': async ({ conversationId }, { caller }) => {
      await entrance.require(conversationId, caller.userId);
      throw noStore();
    },
    'attachment:resume': refuse,
    'attachment:complete': refuse,
    'attachment:cancel': refuse,
    'attachment:url': refuse,
  };
}
