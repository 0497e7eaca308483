import type { BsonDocuments } from '@parley/backend-common';

import type { EntryDocument } from '../entry-document.ts';
import { writePlain, type WrittenEntry } from './plain.ts';

/** Fields of a stored message: the BSON type, the name, and a zero byte. */
const ID = '\u0002_id\0';
const CONVERSATION = '\u0002conversationId\0';
const SEQ = '\u0010seq\0';
const SENDER = '\u0002senderId\0';
const CLIENT = '\u0002clientId\0';
const AT = '\u0001at\0';
const KIND = '\u0002kind\0\u0008\0\0\0message\0';
const TEXT = '\u0002text\0';
/** Not a reply to a message, and the last field. */
const END = '\u000areplyTo\0\0';
const JSON_KIND = ',"kind":"message","text":';
const JSON_END = ',"attachment":null,"replyTo":null,"deleted":false}';
/** How many bytes more the names and the punctuation take in JSON than in BSON. */
const MORE_THAN_STORED = 64;
/** ASCII that needs no escape in JSON. */
const UNESCAPED = /^[ !#-[\]-~]*$/;

/**
 * Writes stored entries as JSON. Messages without attachment and reply, which are the most frequent, are converted
 * from their BSON bytes without creating an object. Other entries are decoded and converted as objects.
 */
export class EntryWriter {
  readonly #documents: BsonDocuments;
  #at = 0;
  /** Whether all bytes so far were as expected. */
  #fits = true;

  constructor(documents: BsonDocuments) {
    this.#documents = documents;
  }

  /** The entry whose document begins at the offset `start`. */
  write(start: number): WrittenEntry {
    const bytes = this.#documents.bytes.readInt32LE(start) + MORE_THAN_STORED;
    const { json, seq } = this.#writeMessage(start) ?? this.#writeAny(start);
    return { seq, json, bytes };
  }

  #writeAny(start: number): Omit<WrittenEntry, 'bytes'> {
    return writePlain(this.#documents.object(start) as unknown as EntryDocument);
  }

  #writeMessage(start: number): Omit<WrittenEntry, 'bytes'> | undefined {
    this.#begin(start);
    const id = this.#string(ID);
    const conversationId = this.#string(CONVERSATION);
    const seq = this.#int32(SEQ);
    const senderId = this.#string(SENDER);
    const clientId = this.#string(CLIENT);
    const at = this.#double(AT);
    this.#step(KIND);
    const text = this.#string(TEXT);
    this.#step(END);
    if (!this.#fits) return undefined;
    const author = `,"seq":${seq},"senderId":${senderId},"clientId":${clientId},"at":${at}`;
    const json = `{"id":${id},"conversationId":${conversationId}${author}${JSON_KIND}${text}${JSON_END}`;
    return { seq, json };
  }

  #begin(start: number): void {
    this.#at = start + 4;
    this.#fits = true;
  }

  /** Skips the characters that are expected here. */
  #step(expected: string): void {
    this.#fits &&= this.#documents.characters.startsWith(expected, this.#at);
    this.#at += expected.length;
  }

  /** A string, as JSON. */
  #string(field: string): string {
    this.#step(field);
    if (!this.#fits) return '';
    const { bytes, characters } = this.#documents;
    const start = this.#at + 4;
    const end = start + bytes.readInt32LE(this.#at) - 1;
    this.#at = end + 1;
    const read = characters.slice(start, end);
    return UNESCAPED.test(read) ? `"${read}"` : JSON.stringify(bytes.toString('utf8', start, end));
  }

  #int32(field: string): number {
    this.#step(field);
    this.#at += 4;
    return this.#fits ? this.#documents.bytes.readInt32LE(this.#at - 4) : 0;
  }

  #double(field: string): number {
    this.#step(field);
    this.#at += 8;
    return this.#fits ? this.#documents.bytes.readDoubleLE(this.#at - 8) : 0;
  }
}
