import { createHash } from 'node:crypto';
import { Binary, type Document } from 'mongodb';

import { type Lookup, type Range, type Shape } from './form.ts';
import { type Sample } from './messages.ts';

type Value = string | Binary;

/** The names of the fields of a shape whose fields are those of today. */
interface Names {
  readonly conversation: string;
  readonly seq: string;
  readonly sender: string;
  readonly clientId: string;
  readonly at: string;
  readonly text: string;
}

const TODAY: Names = {
  conversation: 'conversationId',
  seq: 'seq',
  sender: 'senderId',
  clientId: 'clientId',
  at: 'at',
  text: 'text',
};
const SHORT: Names = {
  ...{ conversation: 'c', seq: 'q', sender: 's' },
  ...{ clientId: 'k', at: 'a', text: 't' },
};
const ALWAYS: Constant = { before: { kind: 'message' }, after: { replyTo: null } };
/** Subtype of a UUID. */
const UUID = 4;
/** Bytes of a conversation's id, of a `seq`, and of the part of a hash that distinguishes keys. */
const [CONVERSATION, SEQ, HASH] = [16, 6, 10];

/** What the relay with group commit stores. */
export const bareShape: Shape = {
  document: ({ conversation, seq, text }) => ({ to: asText(conversation), number: seq, text }),
  range: (conversation, range) => ({
    filter: { to: asText(conversation), number: { $gt: range.after } },
    sort: { number: direction(range) },
    ...{ hint: 'to', limit: range.limit },
  }),
  tail: (conversation) => ({
    filter: { to: asText(conversation) },
    sort: { number: -1 },
    projection: { _id: 0, number: 1 },
    ...{ hint: 'to', limit: 1 },
  }),
};

/** The documents of today. */
export const textShape: Shape = named(TODAY, asText, ALWAYS);
/** The documents of today, with ids as 16 bytes. */
export const binaryShape: Shape = named(TODAY, asUuid, ALWAYS);
/** The same with names of one letter, and without what is the same in most messages. */
export const shortShape: Shape = named(SHORT, asUuid, { before: {}, after: {} });

/** `_id` is conversation and `seq`; the id has an index `id`, and conversation and hash of the key have `key`. */
export const positionShape: Shape = positioned(
  ({ id }) => ({ i: asUuid(id) }),
  ({ id }) => ({ filter: { i: asUuid(id) }, hint: 'id', limit: 1 }),
);

/**
 * The same, where the id consists of the time and the hash of the key, so that conversation and hash find a message by
 * its id as well.
 */
export const derivedShape: Shape = positioned(
  () => ({}),
  (message) => ({ filter: { u: keyOf(message) }, hint: 'key', limit: 1 }),
);

/** The same in a clustered collection: it is ordered by `_id`, so such look-ups need no hint. */
export function clustered(shape: Shape): Shape {
  const withoutHint = ({ hint, ...lookup }: Lookup): Lookup =>
    hint === undefined || hint === '_id_' ? lookup : { ...lookup, hint };
  return {
    ...shape,
    range: (conversation, range) => withoutHint(shape.range(conversation, range)),
    tail: (conversation) => withoutHint(shape.tail(conversation)),
  };
}

/** What is the same in every message, before and after its text. */
interface Constant {
  readonly before: object;
  readonly after: object;
}

function named(names: Names, id: (bytes: Buffer) => Value, constant: Constant): Shape {
  const { at, clientId, conversation: inConversation, sender, seq } = names;
  return {
    document: (message) => ({
      _id: id(message.id),
      [inConversation]: id(message.conversation),
      [seq]: message.seq,
      [sender]: id(message.sender),
      [clientId]: id(message.clientId),
      [at]: message.at,
      ...constant.before,
      [names.text]: message.text,
      ...constant.after,
    }),
    range: (conversation, range) => ({
      filter: { [inConversation]: id(conversation), [seq]: { $gt: range.after } },
      sort: { [seq]: direction(range) },
      ...{ hint: 'seq', limit: range.limit },
    }),
    tail: (conversation) => ({
      filter: { [inConversation]: id(conversation) },
      sort: { [seq]: -1 },
      projection: { _id: 0, [seq]: 1 },
      ...{ hint: 'seq', limit: 1 },
    }),
    byKey: (message) => ({
      filter: {
        [inConversation]: id(message.conversation),
        [sender]: id(message.sender),
        [clientId]: id(message.clientId),
      },
      ...{ hint: 'client', limit: 1 },
    }),
    byId: (message) => ({
      filter: { _id: id(message.id), [inConversation]: id(message.conversation) },
      ...{ hint: '_id_', limit: 1 },
    }),
  };
}

function positioned(identity: (message: Sample) => Document, byId: Shape['byId'] & object): Shape {
  return {
    document: (message) => ({
      _id: positionOf(message.conversation, message.seq),
      ...identity(message),
      u: keyOf(message),
      s: asUuid(message.sender),
      k: asUuid(message.clientId),
      a: message.at,
      t: message.text,
    }),
    range: (conversation, range) => ({
      filter: {
        _id: {
          $gt: positionOf(conversation, range.after),
          $lte: positionOf(conversation, 2 ** (8 * SEQ) - 1),
        },
      },
      sort: { _id: direction(range) },
      ...{ hint: '_id_', limit: range.limit },
    }),
    tail: (conversation) => ({
      filter: {
        _id: {
          $gt: positionOf(conversation, 0),
          $lte: positionOf(conversation, 2 ** (8 * SEQ) - 1),
        },
      },
      sort: { _id: -1 },
      projection: { _id: 1 },
      ...{ hint: '_id_', limit: 1 },
    }),
    byKey: (message) => ({ filter: { u: keyOf(message) }, hint: 'key', limit: 1 }),
    byId,
  };
}

/** Conversation and `seq` in the order of the log. */
function positionOf(conversation: Buffer, seq: number): Binary {
  const bytes = Buffer.allocUnsafe(CONVERSATION + SEQ);
  conversation.copy(bytes);
  bytes.writeUIntBE(seq, CONVERSATION, SEQ);
  return new Binary(bytes);
}

/** Conversation and a hash of what a sender must not use twice in it. */
function keyOf({ clientId, conversation, sender }: Sample): Binary {
  const hash = createHash('sha256').update(sender).update(clientId).digest();
  return new Binary(Buffer.concat([conversation, hash.subarray(0, HASH)]));
}

function direction({ from }: Range): 1 | -1 {
  return from === 'oldest' ? 1 : -1;
}

function asUuid(bytes: Buffer): Binary {
  return new Binary(bytes, UUID);
}

function asText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
