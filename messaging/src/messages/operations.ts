import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { MessagingContext } from '../transport/server/context.ts';
import type { MessageReader } from './message-reader.ts';
import type { Author, MessageService } from './service.ts';

type MessageHandlers = Pick<
  Handlers<Operations, MessagingContext>,
  'message:send' | 'message:delete' | 'conversation:entries' | 'conversation:messages'
>;

/** Handlers of the operations on messages. */
export function messageHandlers(deps: {
  readonly messages: MessageService;
  readonly reader: MessageReader;
}): MessageHandlers {
  const { messages, reader } = deps;
  return {
    'message:send': (input, context) => messages.send(input, authorOf(context)),
    'message:delete': (input, context) => messages.delete(input, authorOf(context)),
    'conversation:entries': (input, { caller }) =>
      reader.entries({ ...input, userId: caller.userId }),
    'conversation:messages': (input, { caller }) =>
      reader.messages({ ...input, userId: caller.userId }),
  };
}

function authorOf({ caller, socket }: MessagingContext): Author {
  return { userId: caller.userId, socketId: socket?.id };
}
