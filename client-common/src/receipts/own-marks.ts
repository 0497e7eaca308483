import type { Receipt } from '@parley/common/contract';

/** The request that raises a receipt mark. */
export interface MarkRequest {
  readonly name: 'receipt:delivered' | 'receipt:read';
  readonly seq: number;
}

/** This user's receipt marks in one conversation: what the server has, and what it is to have. */
export class OwnMarks {
  #delivered = 0;
  #read = 0;
  #wanted = 0;
  #clearsUnread = false;

  /** How far this user has read, whether or not the server knows. */
  get read(): number {
    return Math.max(this.#read, this.#wanted);
  }

  /** How far this user has read, according to the server. */
  get storedRead(): number {
    return this.#read;
  }

  /** The marks as the server has them, raised by any device. */
  stored(marks: Pick<Receipt, 'deliveredSeq' | 'readSeq'>): void {
    this.#delivered = Math.max(this.#delivered, marks.deliveredSeq);
    this.#read = Math.max(this.#read, marks.readSeq);
  }

  /** This user has read up to `seq`. A conversation that was flagged as unread loses the flag. */
  raise(seq: number, flag: 'flagged' | 'unflagged'): void {
    this.#wanted = Math.max(this.#wanted, seq);
    if (flag === 'flagged') this.#clearsUnread = true;
  }

  /** The request to be sent if everything up to `received` is received: no mark passes that. */
  due(received: number): MarkRequest | null {
    const read = Math.min(this.#wanted, received);
    if (read > this.#read || this.#clearsUnread) {
      return { name: 'receipt:read', seq: Math.max(read, this.#read) };
    }
    return received > this.#delivered ? { name: 'receipt:delivered', seq: received } : null;
  }

  /** The server has accepted the request. */
  accepted({ name, seq }: MarkRequest): void {
    if (name === 'receipt:read') {
      this.#clearsUnread = false;
      this.#read = Math.max(this.#read, seq);
    }
    this.#delivered = Math.max(this.#delivered, seq);
  }
}
