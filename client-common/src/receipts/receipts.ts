import type { Receipt } from '@parley/common/contract';

import { keepSame } from '../core/signal.ts';

/** The lowest receipt marks of all other members: own messages up to these are delivered, and read. */
export interface LowestMarks {
  readonly delivered: number;
  readonly read: number;
}

/** No marks of others are known. */
export const NO_MARKS: LowestMarks = { delivered: 0, read: 0 };

/** The receipt marks of the other members of a conversation. They only rise. */
export class Receipts {
  #byUser: ReadonlyMap<string, Receipt> = new Map();
  #lowest = NO_MARKS;

  get byUser(): ReadonlyMap<string, Receipt> {
    return this.#byUser;
  }

  get lowest(): LowestMarks {
    return this.#lowest;
  }

  /** The marks of all other members as the server has them; an empty list if they are not known. */
  replace(receipts: readonly Receipt[]): void {
    this.#set(new Map(receipts.map((receipt) => [receipt.userId, this.#raised(receipt)])));
  }

  /** The marks of one member. */
  raise(receipt: Receipt): void {
    const raised = this.#raised(receipt);
    if (raised === this.#byUser.get(receipt.userId)) return;
    this.#set(new Map(this.#byUser).set(receipt.userId, raised));
  }

  #raised(receipt: Receipt): Receipt {
    const before = this.#byUser.get(receipt.userId) ?? receipt;
    return keepSame(before, {
      ...before,
      deliveredSeq: Math.max(before.deliveredSeq, receipt.deliveredSeq),
      readSeq: Math.max(before.readSeq, receipt.readSeq),
    });
  }

  #set(byUser: ReadonlyMap<string, Receipt>): void {
    this.#byUser = byUser;
    const receipts = [...byUser.values()];
    this.#lowest = receipts.length
      ? {
          delivered: Math.min(...receipts.map(({ deliveredSeq }) => deliveredSeq)),
          read: Math.min(...receipts.map(({ readSeq }) => readSeq)),
        }
      : NO_MARKS;
  }
}
