import type { Receipt } from '@parley/common/contract';

import { keepSame } from '../store/signal.ts';

/** How far all other members are: own messages up to these `seq`s are delivered, and read. */
export interface Floors {
  readonly delivered: number;
  readonly read: number;
}

/** Nobody else is known to have anything. */
export const NO_FLOORS: Floors = { delivered: 0, read: 0 };

/** The marks of the other members of a conversation. They only rise. */
export class Receipts {
  #byUser: ReadonlyMap<string, Receipt> = new Map();
  #floors: Floors = NO_FLOORS;

  get byUser(): ReadonlyMap<string, Receipt> {
    return this.#byUser;
  }

  get floors(): Floors {
    return this.#floors;
  }

  /** The marks of all other members as the server has them; without a list nobody's are known. */
  replace(receipts: readonly Receipt[]): void {
    this.#set(receipts.map((receipt) => [receipt.userId, this.#risen(receipt)]));
  }

  /** One member's marks. */
  raise(receipt: Receipt): void {
    const risen = this.#risen(receipt);
    if (risen !== this.#byUser.get(receipt.userId)) {
      this.#set([...this.#byUser, [receipt.userId, risen]]);
    }
  }

  #risen(receipt: Receipt): Receipt {
    const before = this.#byUser.get(receipt.userId);
    if (before === undefined) return receipt;
    return keepSame(before, {
      ...before,
      deliveredSeq: Math.max(before.deliveredSeq, receipt.deliveredSeq),
      readSeq: Math.max(before.readSeq, receipt.readSeq),
    });
  }

  #set(entries: readonly (readonly [string, Receipt])[]): void {
    this.#byUser = new Map(entries);
    const receipts = [...this.#byUser.values()];
    this.#floors =
      receipts.length === 0
        ? NO_FLOORS
        : {
            delivered: Math.min(...receipts.map((receipt) => receipt.deliveredSeq)),
            read: Math.min(...receipts.map((receipt) => receipt.readSeq)),
          };
  }
}
