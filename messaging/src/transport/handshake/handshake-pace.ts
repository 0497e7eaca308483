import { setTimeout as delay } from 'node:timers/promises';
import { SECOND, type ErrorCode } from '@parley/common';

import { Pace } from './pace.ts';

/** Waits for milliseconds. */
type Wait = (milliseconds: number) => Promise<unknown>;

/** The waits for address and user together are shorter than the time that a connection has for its handshake. */
const LONGEST_WAIT = 4 * SECOND;
/** Handshakes of one address: 300 at once, then 125 a second. */
const OF_ADDRESS = { cost: 8, allowance: 2.4 * SECOND, longest: LONGEST_WAIT };
/** Handshakes of one user, each of which may mean a look at thousands of conversations: 60 at once, then 4 a second. */
const OF_USER = { cost: SECOND / 4, allowance: 15 * SECOND, longest: LONGEST_WAIT };
/** What a refused handshake and a connection that was cut cost their address in addition. */
const REFUSED = SECOND / 10;
const CUT = SECOND;
/** Refusals that the client is not to blame for. */
const BLAMELESS: ReadonlySet<ErrorCode> = new Set(['unavailable', 'internal']);

/** How fast addresses and users may begin handshakes, and what refused ones cost them. */
export class HandshakePace {
  readonly #addresses: Pace;
  readonly #users: Pace;
  readonly #wait: Wait;

  /**
   * @param wait - default: a timer
   * @param monotonic - monotonic milliseconds
   */
  constructor(wait: Wait = delay, monotonic?: () => number) {
    this.#addresses = new Pace(OF_ADDRESS, monotonic);
    this.#users = new Pace(OF_USER, monotonic);
    this.#wait = wait;
  }

  /** Resolves when a handshake of an address may go on; `undefined` if it may at once. */
  ofAddress(group: string): Promise<unknown> | undefined {
    return this.#after(this.#addresses.begin(group));
  }

  /** Resolves when a handshake of a user may go on; `undefined` if it may at once. */
  ofUser(userId: string): Promise<unknown> | undefined {
    return this.#after(this.#users.begin(userId));
  }

  /** A handshake of an address was refused. */
  refused(group: string, code: ErrorCode): void {
    if (!BLAMELESS.has(code)) this.#addresses.charge(group, REFUSED);
  }

  /** A connection of an address was cut. */
  cut(group: string): void {
    this.#addresses.charge(group, CUT);
  }

  #after(milliseconds: number): Promise<unknown> | undefined {
    return milliseconds === 0 ? undefined : this.#wait(milliseconds);
  }
}
