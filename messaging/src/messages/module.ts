import type { DirectBlocks } from '../blocks/direct-blocks.ts';
import type { DeletionApplier } from '../history/deletion-applier.ts';
import type { LogModule } from '../log/module.ts';
import type { Module } from '../module.ts';
import { ArrivalOrder } from './arrival-order.ts';
import { messageHandlers, type MessageOperation } from './operations.ts';
import type { MessageAttachments } from './ports.ts';
import { MessageService } from './service.ts';

export interface MessagesModuleDeps {
  readonly log: Pick<LogModule, 'entries' | 'log'>;
  readonly history: { readonly deletions: DeletionApplier };
  readonly attachments: { readonly reservations: MessageAttachments };
  readonly blocks: { readonly direct: Pick<DirectBlocks, 'barrier'> };
}

export interface MessagesModule extends Module<MessageOperation> {
  readonly messages: MessageService;
}

/** Sends and deletes messages. */
export function createMessagesModule(deps: MessagesModuleDeps): MessagesModule {
  const { reservations: attachments } = deps.attachments;
  const { direct: blocks } = deps.blocks;
  const { deletions } = deps.history;
  const { entries, log } = deps.log;
  const order = new ArrivalOrder();
  const messages = new MessageService({ log, entries, deletions, order, attachments, blocks });
  return { name: 'messages', handlers: messageHandlers(messages), messages };
}
