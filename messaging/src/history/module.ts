import type { ConversationRepository } from '../conversations/conversation-repository.ts';
import type { LogModule } from '../log/module.ts';
import type { Module } from '../module.ts';
import { MessageReader } from './message-reader.ts';
import { OperationFolder } from './operation-folder.ts';
import { historyHandlers, type HistoryOperation } from './operations.ts';

export interface HistoryModuleDeps {
  readonly log: Pick<LogModule, 'entries' | 'log'>;
  readonly projection: {
    readonly conversations: Pick<ConversationRepository, 'find' | 'raiseFolded'>;
  };
}

export interface HistoryModule extends Module<HistoryOperation> {
  readonly reader: MessageReader;
  readonly folder: OperationFolder;
}

/** Reads conversations as their messages stand now: with what was deleted taken out. */
export function createHistoryModule(deps: HistoryModuleDeps): HistoryModule {
  const { entries, log } = deps.log;
  const { conversations } = deps.projection;
  const folder = new OperationFolder({ conversations, entries });
  const reader = new MessageReader({ log, entries, folder });
  return { name: 'history', handlers: historyHandlers(reader), reader, folder };
}
