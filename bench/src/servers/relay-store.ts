import { type Collection, type MongoClient } from 'mongodb';

import { HISTORY_PAGE, type RelayHistory, type RelayMessage } from './relay-protocol.ts';

/** Stores each message with one insertion, and resolves when a majority has journaled it. */
export class RelayStore {
  readonly #messages: Collection<RelayMessage>;

  private constructor(messages: Collection<RelayMessage>) {
    this.#messages = messages;
  }

  static async open(client: MongoClient): Promise<RelayStore> {
    const messages = client.db().collection<RelayMessage>('messages', {
      writeConcern: { w: 'majority', journal: true },
    });
    await messages.createIndex({ to: 1, number: 1 });
    return new RelayStore(messages);
  }

  async keep(message: RelayMessage): Promise<void> {
    const { to, number, text } = message;
    await this.#messages.insertOne({ to, number, text });
  }

  async after(room: string, number: number): Promise<RelayHistory> {
    const messages = await this.#messages
      .find({ to: room, number: { $gt: number } }, { projection: { _id: 0 } })
      .sort({ number: 1 })
      .limit(HISTORY_PAGE)
      .toArray();
    return { messages, hasMore: messages.length === HISTORY_PAGE };
  }
}
