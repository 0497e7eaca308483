import type { Entry } from '@parley/common/contract';

import { toEntry, type EntryDocument } from './entry-document.ts';

/** An entry that a majority has journaled. */
export class CommittedEntry {
  readonly document: EntryDocument;
  /** The socket that gets the entry as its ack, not as an event; `undefined` if there is none. */
  readonly originSocketId: string | undefined;
  #shown: Entry | undefined;

  constructor(document: EntryDocument, originSocketId?: string) {
    this.document = document;
    this.originSocketId = originSocketId;
  }

  /** The entry as clients see it: created once, for the ack and for all events. */
  get shown(): Entry {
    return (this.#shown ??= toEntry(this.document));
  }
}
