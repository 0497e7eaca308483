import type { Entry } from '@parley/common/contract';

import { toEntry, type EntryDocument } from './entry-document.ts';

/** An entry that a majority has journaled. */
export class CommittedEntry {
  readonly document: EntryDocument;
  /** The socket that gets the entry as its ack, not as an event; `undefined` where there is none. */
  readonly originSocketId: string | undefined;
  #shown: Entry | undefined;

  constructor(document: EntryDocument, originSocketId?: string) {
    this.document = document;
    this.originSocketId = originSocketId;
  }

  /** The entry as clients see it: made once, for the ack and for everybody who hears of it. */
  get shown(): Entry {
    return (this.#shown ??= toEntry(this.document));
  }
}
