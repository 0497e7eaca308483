import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import { requireSocket, type MessagingContext } from '../transport/server/context.ts';
import type { TypingService } from './service.ts';

/** Handler of the operation on typing. */
export function typingHandlers({
  typing,
}: {
  readonly typing: TypingService;
}): Pick<Handlers<Operations, MessagingContext>, 'typing'> {
  return {
    typing: async (input, context) => {
      const { userId } = context.caller;
      await typing.notify({ ...input, userId }, requireSocket(context));
      return {};
    },
  };
}
