import { BatchLoader } from '@parley/backend-common';

import type {
  ConversationDocument,
  ConversationRepository,
} from '../conversations/conversation-repository.ts';
import type { MessageDocument } from '../log/entry-document.ts';
import type { EntryRepository } from '../log/entry-repository.ts';

/** Keys in one query. */
const AT_ONCE = 500;

/**
 * Reads what pushes show. Pushes that are composed concurrently share queries: a message to a large group is read once
 * and not for each of its members.
 */
export class SharedReads {
  readonly #conversations: BatchLoader<ConversationDocument>;
  readonly #messages: BatchLoader<MessageDocument>;

  constructor(
    conversations: Pick<ConversationRepository, 'findMany'>,
    entries: Pick<EntryRepository, 'findMessages'>,
  ) {
    this.#conversations = new BatchLoader({
      maxBatchSize: AT_ONCE,
      read: async (ids) => {
        const found = await conversations.findMany(ids);
        return new Map(found.map((conversation) => [conversation._id, conversation]));
      },
    });
    this.#messages = new BatchLoader({
      maxBatchSize: AT_ONCE,
      read: async (keys) => {
        const byConversation = new Map<string, string[]>();
        for (const key of keys) {
          const [conversationId = '', messageId = ''] = key.split('/');
          const messageIds = byConversation.get(conversationId);
          if (messageIds === undefined) byConversation.set(conversationId, [messageId]);
          else messageIds.push(messageId);
        }
        const found = new Map<string, MessageDocument>();
        const reads = [...byConversation].map(async ([conversationId, messageIds]) => {
          const messages = await entries.findMessages(conversationId, messageIds);
          for (const [id, message] of messages) found.set(`${conversationId}/${id}`, message);
        });
        await Promise.all(reads);
        return found;
      },
    });
  }

  async find(conversationId: string): Promise<ConversationDocument | null> {
    return (await this.#conversations.load(conversationId)) ?? null;
  }

  async findMessage(conversationId: string, messageId: string): Promise<MessageDocument | null> {
    return (await this.#messages.load(`${conversationId}/${messageId}`)) ?? null;
  }
}
