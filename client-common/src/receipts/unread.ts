import { CLIENT_LIMITS } from '@parley/common';

/**
 * How many messages of others follow the own read mark: what the server counted up to some `seq`, plus
 * the messages received since. Counted to 100.
 */
export class Unread {
  #counted = 0;
  #countedTo = 0;
  #read = 0;
  #isCertain = true;
  readonly #since = new Set<number>();

  get count(): number {
    return Math.min(this.#counted + this.#since.size, CLIENT_LIMITS.unreadCountMax);
  }

  /** Whether the count is right; otherwise the server must count again. */
  get isCertain(): boolean {
    return this.#isCertain;
  }

  /** The server counted `count` messages after `read` and up to `seq`. An older count is ignored. */
  counted(seq: number, count: number, read: number): void {
    if (seq < this.#countedTo || read < this.#read) return;
    this.#countedTo = seq;
    this.#counted = count;
    this.#read = read;
    this.#isCertain = true;
    this.#forgetTo(Math.max(seq, read));
  }

  /** A message of another user that is not deleted. */
  received(seq: number): void {
    if (seq <= this.#countedTo || seq <= this.#read) return;
    if (this.#since.size < CLIENT_LIMITS.unreadCountMax) this.#since.add(seq);
  }

  /** Everything up to `seq` is read. */
  read(seq: number): void {
    if (seq <= this.#read) return;
    this.#read = seq;
    this.#forgetTo(seq);
    if (seq >= this.#countedTo) this.#counted = 0;
    this.#isCertain = this.#counted === 0;
  }

  /** The message at `seq` was deleted. */
  deleted(seq: number): void {
    if (this.#since.delete(seq) || seq <= this.#read || seq > this.#countedTo) return;
    if (this.#counted > 0) this.#isCertain = false;
  }

  #forgetTo(seq: number): void {
    for (const each of this.#since) if (each <= seq) this.#since.delete(each);
  }
}
