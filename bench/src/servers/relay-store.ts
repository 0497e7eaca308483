import { type Collection, type MongoClient } from 'mongodb';

import { GroupCommit } from './group-commit.ts';
import { HISTORY_PAGE, type RelayHistory, type RelayMessage } from './relay-protocol.ts';

interface RelayStoreOptions {
  /** Whether messages that wait at the same time share one insertion. */
  readonly groupCommit: boolean;
}

/** Stores messages, each with one insertion or in groups, and resolves when a majority has journaled them. */
export class RelayStore {
  readonly #messages: Collection<RelayMessage>;
  readonly #group: GroupCommit<RelayMessage> | undefined;

  private constructor(messages: Collection<RelayMessage>, { groupCommit }: RelayStoreOptions) {
    this.#messages = messages;
    if (groupCommit) {
      this.#group = new GroupCommit((values) => messages.insertMany(values, { ordered: false }));
    }
  }

  static async open(client: MongoClient, options: RelayStoreOptions): Promise<RelayStore> {
    const messages = client.db().collection<RelayMessage>('messages', {
      writeConcern: { w: 'majority', journal: true },
    });
    await messages.createIndex({ to: 1, number: 1 });
    return new RelayStore(messages, options);
  }

  async keep(message: RelayMessage): Promise<void> {
    const { to, number, text } = message;
    if (this.#group === undefined) await this.#messages.insertOne({ to, number, text });
    else await this.#group.write({ to, number, text });
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
