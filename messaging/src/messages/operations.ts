import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { MessagingContext } from '../transport/server/context.ts';
import type { Author, MessageService } from './service.ts';

export type MessageOperation = `message:${'send' | 'delete'}`;

/** Handlers of the operations that write messages. */
export function messageHandlers(
  messages: MessageService,
): Handlers<Pick<Operations, MessageOperation>, MessagingContext> {
  return {
    'message:send': (input, context) => messages.send(input, authorOf(context)),
    'message:delete': (input, context) => messages.delete(input, authorOf(context)),
  };
}

function authorOf({ caller, socket }: MessagingContext): Author {
  return { userId: caller.userId, socketId: socket?.id };
}
