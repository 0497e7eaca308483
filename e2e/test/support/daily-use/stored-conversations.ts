import { MongoClient, type Db } from 'mongodb';

/** A message as it is stored. */
export interface StoredMessage {
  readonly id: string;
  readonly seq: number;
  readonly senderId: string;
  /** `<sender id>:<client id>`. */
  readonly key: string;
  readonly text: string | null;
  readonly isDeleted: boolean;
  readonly hasFile: boolean;
}

/** The stored membership of one user in one conversation. */
export interface StoredMember {
  readonly userId: string;
  readonly role: string | null;
  readonly joinedSeq: number;
  readonly readSeq: number;
  readonly isMarked: boolean;
  readonly isPinned: boolean;
  readonly isArchived: boolean;
}

/** A conversation as it is stored. */
export interface StoredConversation {
  readonly id: string;
  readonly kind: 'direct' | 'group';
  readonly title: string | null;
  readonly members: ReadonlyMap<string, StoredMember>;
  readonly messages: readonly StoredMessage[];
}

interface EntryRow {
  readonly _id: string;
  readonly conversationId: string;
  readonly seq: number;
  readonly senderId: string;
  readonly clientId: string;
  readonly kind: string;
  readonly text?: string | null;
  readonly title?: string;
  readonly attachment?: unknown;
  readonly deletedSeq?: number;
}

interface MemberRow {
  readonly conversationId: string;
  readonly userId: string;
  readonly present: boolean;
  readonly role: string | null;
  readonly joinedSeq: number;
  readonly readSeq: number;
  readonly settings: {
    readonly unread?: boolean;
    readonly pinned?: boolean;
    readonly archived?: boolean;
  };
}

/** Reads the conversations of both people from the database of the stack. */
export class StoredConversations {
  readonly #client: MongoClient;
  readonly #db: Db;

  private constructor(client: MongoClient) {
    this.#client = client;
    this.#db = client.db();
  }

  static async open(uri: string): Promise<StoredConversations> {
    return new StoredConversations(await MongoClient.connect(uri));
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** All conversations, by id. */
  async read(): Promise<ReadonlyMap<string, StoredConversation>> {
    const [entries, members] = await Promise.all([
      this.#db.collection<EntryRow>('entries').find().sort({ conversationId: 1, seq: 1 }).toArray(),
      this.#db.collection<MemberRow>('members').find({ present: true }).toArray(),
    ]);
    const found = new Map<string, StoredConversation>();
    for (const id of new Set(members.map(({ conversationId }) => conversationId))) {
      const own = entries.filter(({ conversationId }) => conversationId === id);
      const title = own.findLast(({ kind }) => kind === 'title')?.title ?? null;
      const present = members.filter(({ conversationId }) => conversationId === id);
      found.set(id, {
        id,
        kind: present.some(({ role }) => role !== null) ? 'group' : 'direct',
        title,
        members: new Map(present.map((row) => [row.userId, toMember(row)])),
        messages: own.filter(({ kind }) => kind === 'message').map(toMessage),
      });
    }
    return found;
  }
}

function toMember({ userId, role, joinedSeq, readSeq, settings }: MemberRow): StoredMember {
  return {
    ...{ userId, role, joinedSeq, readSeq },
    isMarked: settings.unread === true,
    isPinned: settings.pinned === true,
    isArchived: settings.archived === true,
  };
}

function toMessage(row: EntryRow): StoredMessage {
  return {
    id: row._id,
    seq: row.seq,
    senderId: row.senderId,
    key: `${row.senderId}:${row.clientId}`,
    text: row.text ?? null,
    isDeleted: row.deletedSeq !== undefined,
    hasFile: row.attachment !== undefined && row.attachment !== null,
  };
}

/** The number of messages that a member has not read. */
export function unreadOf({ messages }: StoredConversation, member: StoredMember): number {
  const from = Math.max(member.readSeq, member.joinedSeq);
  return messages.filter(
    ({ isDeleted, senderId, seq }) => seq > from && !isDeleted && senderId !== member.userId,
  ).length;
}
