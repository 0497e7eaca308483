import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { MessagingContext } from '../gateway/context.ts';
import type { AttachmentService } from './service.ts';

type AttachmentHandlers = Pick<
  Handlers<Operations, MessagingContext>,
  Extract<keyof Operations, `attachment:${string}`>
>;

/** Handlers of the operations on attachments. */
export function attachmentHandlers(deps: {
  readonly attachments: AttachmentService;
}): AttachmentHandlers {
  const { attachments } = deps;
  return {
    'attachment:create': (input, { caller }) => attachments.create(input, caller.userId),
    'attachment:resume': () => attachments.resume(),
    'attachment:complete': () => attachments.complete(),
    'attachment:cancel': () => attachments.cancel(),
    'attachment:url': () => attachments.url(),
  };
}
