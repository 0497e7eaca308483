import { setTimeout as delay } from 'node:timers/promises';
import { SECOND, type ErrorCode } from '@parley/common';

import { Pace } from './pace.ts';

/** Resolves after some milliseconds. */
type Wait = (milliseconds: number) => Promise<unknown>;

/** The waits for address and user together are shorter than the time that a connection has for its handshake. */
const LONGEST_WAIT = 4 * SECOND;
/** Handshakes of one address: 300 at once, then 125 a second. */
const OF_ADDRESS = { cost: 8, allowance: 2.4 * SECOND, longest: LONGEST_WAIT };
/** Handshakes of one user, each of which may require reading thousands of conversations: 60 at once, then 4 a second. */
const OF_USER = { cost: SECOND / 4, allowance: 15 * SECOND, longest: LONGEST_WAIT };
/** How much a refused handshake and a connection that the node has closed add to the bucket of their address. */
const REFUSED = SECOND / 10;
const CUT = SECOND;
/** Refusals that the client has not caused. */
const BLAMELESS: ReadonlySet<ErrorCode> = new Set(['unavailable', 'internal']);

/** Limits how fast addresses and users may begin handshakes. */
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

  /** The node has closed a connection of an address because of its refused requests. */
  cut(group: string): void {
    this.#addresses.charge(group, CUT);
  }

  #after(milliseconds: number): Promise<unknown> | undefined {
    return milliseconds === 0 ? undefined : this.#wait(milliseconds);
  }
}
