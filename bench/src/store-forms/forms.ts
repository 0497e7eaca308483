import { type CreateCollectionOptions, type IndexDescription } from 'mongodb';

import { type Form } from './form.ts';
import {
  bareShape,
  binaryShape,
  clustered,
  derivedShape,
  positionShape,
  shortShape,
  textShape,
} from './shapes.ts';

const MEMBERSHIP = ['members', 'title', 'avatar'];
const OPS = ['edit', 'deletion', 'reaction'];

const seq: IndexDescription = { key: { conversationId: 1, seq: 1 }, name: 'seq', unique: true };
const client: IndexDescription = {
  ...{ key: { conversationId: 1, senderId: 1, clientId: 1 }, name: 'client', unique: true },
};
/** The partial indexes of today; no message is in them. */
const membership: IndexDescription = {
  ...{ key: { conversationId: 1, seq: 1, kind: 1 }, name: 'membership' },
  partialFilterExpression: { kind: { $in: MEMBERSHIP } },
};
const ops: IndexDescription = {
  ...{ key: { conversationId: 1, seq: -1 }, name: 'ops' },
  partialFilterExpression: { kind: { $in: OPS } },
};
const deletion: IndexDescription = {
  ...{ key: { conversationId: 1, messageId: 1 }, name: 'deletion', unique: true },
  partialFilterExpression: { kind: 'deletion' },
};
/** One index in place of `membership` and `ops`. */
const changes: IndexDescription = {
  ...{ key: { conversationId: 1, kind: 1, seq: 1 }, name: 'changes' },
  partialFilterExpression: { kind: { $in: [...MEMBERSHIP, ...OPS] } },
};
const partial = [membership, ops, deletion];
const today = [seq, client, ...partial];

/** In place of the partial indexes: what is in them has a field that no message has. */
const sparse: IndexDescription[] = [
  { key: { o: 1 }, name: 'changes', sparse: true },
  { key: { d: 1 }, name: 'deletions', sparse: true, unique: true },
];
const shortIndexes: IndexDescription[] = [
  { key: { c: 1, q: 1 }, name: 'seq', unique: true },
  { key: { c: 1, s: 1, k: 1 }, name: 'client', unique: true },
  ...sparse,
];
const key: IndexDescription = { key: { u: 1 }, name: 'key', unique: true };
const id: IndexDescription = { key: { i: 1 }, name: 'id' };

const zstdData: CreateCollectionOptions = storedWith('block_compressor=zstd');
const zstdIndexes: CreateCollectionOptions = {
  indexOptionDefaults: storedWith('block_compressor=zstd'),
};
const zstd: CreateCollectionOptions = { ...zstdData, ...zstdIndexes };
const inOrder: CreateCollectionOptions = { clusteredIndex: { key: { _id: 1 }, unique: true } };

/** The forms that are compared. */
export const FORMS = {
  bare: {
    says: 'bare group commit: receiver, number, text; one index',
    ...{ shape: bareShape, indexes: [{ key: { to: 1, number: 1 }, name: 'to' }] },
  },
  today: { says: 'today', shape: textShape, indexes: today },
  'no-partial': {
    says: 'today without the partial indexes',
    ...{ shape: textShape, indexes: [seq, client] },
  },
  'two-partial': {
    says: 'today, one index in place of membership and ops',
    ...{ shape: textShape, indexes: [seq, client, changes, deletion] },
  },
  'no-client': {
    says: 'today without the index client',
    ...{ shape: textShape, indexes: [seq, ...partial] },
  },
  'no-seq': {
    says: 'today without the index seq',
    ...{ shape: textShape, indexes: [client, ...partial] },
  },
  'zstd-data': {
    says: 'today, data in zstd',
    ...{ shape: textShape, indexes: today, collection: zstdData },
  },
  'zstd-indexes': {
    says: 'today, indexes in zstd',
    ...{ shape: textShape, indexes: today, collection: zstdIndexes },
  },
  zstd: {
    says: 'today, data and indexes in zstd',
    ...{ shape: textShape, indexes: today, collection: zstd },
  },
  'zstd-large': {
    says: 'the same, index pages of 32 KB in place of 16',
    ...{ shape: textShape, indexes: today },
    collection: {
      ...zstdData,
      indexOptionDefaults: storedWith('block_compressor=zstd,leaf_page_max=32k'),
    },
  },
  'snappy-indexes': {
    says: 'today, data in zstd, indexes in snappy',
    ...{ shape: textShape, indexes: today },
    collection: { ...zstdData, indexOptionDefaults: storedWith('block_compressor=snappy') },
  },
  binary: { says: 'ids as 16 bytes', shape: binaryShape, indexes: today },
  short: {
    says: 'ids as 16 bytes, short names, two sparse indexes in place of three partial ones',
    ...{ shape: shortShape, indexes: shortIndexes },
  },
  'short-zstd': {
    says: 'the same, data and indexes in zstd',
    ...{ shape: shortShape, indexes: shortIndexes, collection: zstd },
  },
  position: {
    says: 'position as _id, indexes of ids and keys',
    ...{ shape: positionShape, indexes: [id, key, ...sparse] },
  },
  'position-zstd': {
    says: 'the same, data and indexes in zstd',
    ...{ shape: positionShape, indexes: [id, key, ...sparse], collection: zstd },
  },
  derived: {
    says: 'position as _id, id from the key, index of keys',
    ...{ shape: derivedShape, indexes: [key, ...sparse] },
  },
  'derived-zstd': {
    says: 'the same, data and indexes in zstd',
    ...{ shape: derivedShape, indexes: [key, ...sparse], collection: zstd },
  },
  clustered: {
    says: 'clustered by position, indexes of ids and keys, in zstd',
    ...{ shape: clustered(positionShape), indexes: [id, key, ...sparse] },
    collection: { ...zstd, ...inOrder },
  },
  'clustered-derived': {
    says: 'clustered by position, id from the key, index of keys, in zstd',
    ...{ shape: clustered(derivedShape), indexes: [key, ...sparse] },
    collection: { ...zstd, ...inOrder },
  },
  'clustered-snappy': {
    says: 'clustered by position, id from the key, index of keys, in snappy',
    ...{ shape: clustered(derivedShape), indexes: [key, ...sparse], collection: inOrder },
  },
  'clustered-bare': {
    says: 'clustered by position, no other index, in zstd: a lower bound that keeps no promise',
    ...{ shape: clustered(derivedShape), indexes: [], collection: { ...zstd, ...inOrder } },
  },
} as const satisfies Readonly<Record<string, Form>>;

export type FormName = keyof typeof FORMS;

/** In the order in which they are measured. */
export const FORM_NAMES = Object.keys(FORMS) as readonly FormName[];

function storedWith(configString: string) {
  return { storageEngine: { wiredTiger: { configString } } };
}
