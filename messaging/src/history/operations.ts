import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { MessagingContext } from '../transport/server/context.ts';
import type { MessageReader } from './message-reader.ts';

export type HistoryOperation = 'conversation:entries' | 'conversation:messages';

/** Handlers of the operations that read a conversation. */
export function historyHandlers(
  reader: MessageReader,
): Handlers<Pick<Operations, HistoryOperation>, MessagingContext> {
  return {
    'conversation:entries': (input, { caller }) =>
      reader.entries({ ...input, userId: caller.userId }),
    'conversation:messages': (input, { caller }) =>
      reader.messages({ ...input, userId: caller.userId }),
  };
}
