import { type CreateCollectionOptions, type Document, type IndexDescription } from 'mongodb';

import { type Sample } from './messages.ts';

/** A query as the product sends it. */
export interface Lookup {
  readonly filter: Document;
  readonly limit: number;
  readonly sort?: Document;
  readonly projection?: Document;
  /** The index that answers it; absent where the collection itself is in this order. */
  readonly hint?: string;
}

/** A range of a log: at most `limit` messages after `after`, from its beginning or from its end. */
export interface Range {
  readonly after: number;
  readonly limit: number;
  readonly from: 'oldest' | 'newest';
}

/** How a form finds what the product reads. A look-up that a form has no index for is absent. */
export interface Lookups {
  readonly range: (conversation: Buffer, range: Range) => Lookup;
  /** The newest `seq` alone. */
  readonly tail: (conversation: Buffer) => Lookup;
  /** The message that a sender has written under a key. */
  readonly byKey?: (message: Sample) => Lookup;
  readonly byId?: (message: Sample) => Lookup;
}

/** The documents of a form, and how they are found. */
export interface Shape extends Lookups {
  readonly document: (message: Sample) => Document;
}

/** A form in which messages could be stored. */
export interface Form {
  readonly says: string;
  readonly shape: Shape;
  readonly indexes: readonly IndexDescription[];
  readonly collection?: CreateCollectionOptions;
}
