import type { ConversationRepository } from '../conversations/conversation-repository.ts';
import type { LogModule } from '../log/module.ts';
import type { Module } from '../module.ts';
import { MessageReader } from './message-reader.ts';
import { DeletionApplier } from './deletion-applier.ts';
import { historyHandlers, type HistoryOperation } from './operations.ts';

export interface HistoryModuleDeps {
  readonly log: Pick<LogModule, 'entries' | 'log'>;
  readonly projection: {
    readonly conversations: Pick<ConversationRepository, 'find' | 'raiseFolded'>;
  };
}

export interface HistoryModule extends Module<HistoryOperation> {
  readonly reader: MessageReader;
  readonly deletions: DeletionApplier;
}

/** Reads conversations with deletions applied. */
export function createHistoryModule(deps: HistoryModuleDeps): HistoryModule {
  const { entries, log } = deps.log;
  const { conversations } = deps.projection;
  const deletions = new DeletionApplier({ conversations, entries });
  const reader = new MessageReader({ log, entries, deletions });
  return { name: 'history', handlers: historyHandlers(reader), reader, deletions };
}
