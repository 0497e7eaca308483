import type { BlockPolicy } from '@parley/backend-common/domain';

import type { SocketEvents } from '../conversations/ports.ts';
import type { ConversationLog } from '../log/conversation-log.ts';
import { createTimers } from '../log/timers.ts';
import type { Module } from '../module.ts';
import { typingHandlers } from './operations.ts';
import { TypingService } from './service.ts';

export interface TypingModuleDeps {
  readonly log: { readonly log: Pick<ConversationLog, 'state'> };
  readonly sockets: { readonly events: Pick<SocketEvents, 'toConversation'> };
  readonly blocks: { readonly policy: Pick<BlockPolicy, 'among'> };
}

/** Sends who is typing to the other members of a conversation. */
export function createTypingModule(deps: TypingModuleDeps): Module<'typing'> {
  const { policy: blocks } = deps.blocks;
  const { log } = deps.log;
  const { events } = deps.sockets;
  const timers = createTimers();
  const monotonic = () => performance.now();
  const typing = new TypingService({ log, events, blocks, timers, monotonic });
  return {
    name: 'typing',
    handlers: typingHandlers({ typing }),
    stop: () => timers.clear(),
  };
}
