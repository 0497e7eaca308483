import type { EntryDocument } from '../../log/entry-document.ts';

/** What is known of an event with entries of one conversation before they are decoded. */
export interface EntryEventHeader {
  readonly conversationId: string;
  /** The `seq` of the last entry. */
  readonly seq: number;
  /** Whether the entries add members, so that they may concern users who were not in the conversation before. */
  readonly addsMembers: boolean;
}

/** An event with entries of one conversation. */
export interface EncodedEvent {
  readonly header: string;
  readonly entries: string;
}

interface MessageReader {
  /** Gets the id of the node that has sent the message. Returns whether its events are to be read. */
  readonly sender: (nodeId: string) => boolean;
  /** Gets each event. `decode` throws if the entries cannot be read. */
  readonly event: (header: EntryEventHeader, decode: () => readonly EntryDocument[]) => void;
}

/** The version of the form, at the beginning of each message. */
const FORM = '1';
const LINE_END = 0x0a;
const ADDED = 'added';

/** Encodes entries of one conversation, at least one, in the order of `seq`. */
export function encodeEvent(documents: readonly EntryDocument[]): EncodedEvent {
  const last = documents.at(-1);
  if (last === undefined) throw new RangeError('An event needs an entry');
  const addsMembers = documents.some((each) => each.kind === 'members' && each.action === ADDED);
  const entries = JSON.stringify(documents);
  const about = addsMembers ? ADDED : '-';
  const length = Buffer.byteLength(entries);
  return { entries, header: `${last.conversationId} ${last.seq} ${about} ${length}` };
}

/**
 * A message of a node with events: a line with the form, the node and the header of each event (conversation, last
 * `seq`, whether members were added, length in bytes), and then the entries of each event.
 */
export function encodeMessage(nodeId: string, events: readonly EncodedEvent[]): string {
  const line = [FORM, nodeId, ...events.map(({ header }) => header)].join(' ');
  return `${line}\n${events.map(({ entries }) => entries).join('')}`;
}

/**
 * Reads a message and leaves the decoding of entries to the reader, which needs few of them.
 * @throws when the first line cannot be read, or the message is cut off
 */
export function readMessage(message: Buffer, reader: MessageReader): void {
  const lineEnd = message.indexOf(LINE_END);
  const [form, nodeId, ...fields] = message.toString('latin1', 0, lineEnd).split(' ');
  if (lineEnd < 0 || form !== FORM || nodeId === undefined) {
    throw new TypeError('A message with entries has an unknown form');
  }
  if (!reader.sender(nodeId)) return;
  let from = lineEnd + 1;
  for (let at = 0; at < fields.length; at += 4) {
    const [conversationId = '', seq, about] = [fields[at], Number(fields[at + 1]), fields[at + 2]];
    const to = from + Number(fields[at + 3]);
    // A number that is missing makes it false too.
    if (!(to <= message.length && seq > 0))
      throw new TypeError('A message with entries is cut off');
    const start = from;
    reader.event(
      { conversationId, seq, addsMembers: about === ADDED },
      () => JSON.parse(message.toString('utf8', start, to)) as readonly EntryDocument[],
    );
    from = to;
  }
}
