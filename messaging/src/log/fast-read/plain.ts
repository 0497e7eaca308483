import { toEntry, type EntryDocument } from '../entry-document.ts';

/** An entry as clients see it, as JSON. */
export interface WrittenEntry {
  readonly seq: number;
  readonly json: string;
  /** Approximate size of `json` as UTF-8. */
  readonly bytes: number;
}

/** Converts a decoded entry to JSON. This is the reference for the result of `EntryWriter`. */
export function writePlain(document: EntryDocument): Omit<WrittenEntry, 'bytes'> {
  return { seq: document.seq, json: JSON.stringify(toEntry(document)) };
}
