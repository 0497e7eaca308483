import { MongoClient, type CommandStartedEvent, type Document } from 'mongodb';

/** A command, as the driver sent it. */
export interface SentCommand {
  readonly name: string;
  readonly collection: string;
  readonly command: Document;
}

/** A client that records the commands that it sends. */
export interface RecordingClient {
  readonly client: MongoClient;
  /** The commands that were sent during a call. */
  during(call: () => Promise<unknown>): Promise<SentCommand[]>;
}

const COMMANDS = new Set([
  ...['find', 'aggregate', 'count', 'distinct'],
  ...['insert', 'update', 'delete', 'findAndModify'],
]);

/** Opens a client that records its commands. */
export function recordingClient(uri: string): RecordingClient {
  const client = new MongoClient(uri, { monitorCommands: true });
  let sent: SentCommand[] = [];
  client.on('commandStarted', ({ command, commandName: name }: CommandStartedEvent) => {
    const document = command;
    if (COMMANDS.has(name)) {
      sent.push({ name, collection: String(document[name]), command: document });
    }
  });
  return {
    client,
    async during(call) {
      sent = [];
      await call();
      return sent;
    },
  };
}

/**
 * Whether a router can find the shards of a command by the shard key: every filter fixes the key to one value or to a
 * list of values, and every inserted document has it.
 */
export function hasShardKey({ command, name }: SentCommand, key: string): boolean {
  return name === 'insert'
    ? listOf(command['documents']).every((document) => typeof document[key] === 'string')
    : filtersOf(name, command).every((filter) => fixes(filter, key));
}

function filtersOf(name: string, command: Document): Document[] {
  switch (name) {
    case 'find':
      return [documentOf(command['filter'])];
    case 'aggregate':
      return [documentOf(listOf(command['pipeline'])[0]?.['$match'])];
    case 'update':
      return listOf(command['updates']).map(({ q }) => documentOf(q));
    case 'delete':
      return listOf(command['deletes']).map(({ q }) => documentOf(q));
    default:
      return [documentOf(command['query'])];
  }
}

function fixes(filter: Document, key: string): boolean {
  if (key in filter) return isFixed(filter[key]);
  if (listOf(filter['$and']).some((part) => fixes(part, key))) return true;
  const branches = listOf(filter['$or']);
  return branches.length > 0 && branches.every((branch) => fixes(branch, key));
}

/** A value, a list of values, or an object whose only operator is one of the two. */
function isFixed(condition: unknown): boolean {
  if (typeof condition === 'string') return true;
  const { $eq, $in } = documentOf(condition);
  return typeof $eq === 'string' || Array.isArray($in);
}

function documentOf(value: unknown): Document {
  return typeof value === 'object' && value !== null ? value : {};
}

function listOf(value: unknown): Document[] {
  return Array.isArray(value) ? (value as Document[]) : [];
}
