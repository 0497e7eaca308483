import type { Receipt } from '@parley/common/contract';

/** What is to be told to the server of one conversation. */
export interface MarkCall {
  readonly name: 'receipt:delivered' | 'receipt:read';
  readonly seq: number;
}

/** The own marks of a conversation: what the server has, and what this device wants to tell it. */
export class OwnMarks {
  #delivered = 0;
  #read = 0;
  #wanted = 0;
  #clearsUnread = false;

  /** How far this person has read, the server told or not. */
  get read(): number {
    return Math.max(this.#read, this.#wanted);
  }

  /** How far the server says that this person has read. */
  get storedRead(): number {
    return this.#read;
  }

  /** The server's marks, moved by any device. */
  stored(marks: Pick<Receipt, 'deliveredSeq' | 'readSeq'>): void {
    this.#delivered = Math.max(this.#delivered, marks.deliveredSeq);
    this.#read = Math.max(this.#read, marks.readSeq);
  }

  /** This person reads up to `seq`; `clearsUnread`: the flag "unread" stands and goes with it. */
  want(seq: number, flag: 'flagged' | 'unflagged'): void {
    this.#wanted = Math.max(this.#wanted, seq);
    if (flag === 'flagged') this.#clearsUnread = true;
  }

  /** What is to be told, given that everything up to `have` is received: no mark passes that. */
  due(have: number): MarkCall | null {
    const read = Math.min(this.#wanted, have);
    if (read > this.#read || this.#clearsUnread) {
      return { name: 'receipt:read', seq: Math.max(read, this.#read) };
    }
    return have > this.#delivered ? { name: 'receipt:delivered', seq: have } : null;
  }

  /** The server has taken the call, or will never. */
  settled(call: MarkCall): void {
    if (call.name === 'receipt:read') this.#clearsUnread = false;
    if (call.name === 'receipt:read') this.#read = Math.max(this.#read, call.seq);
    this.#delivered = Math.max(this.#delivered, call.seq);
  }
}
