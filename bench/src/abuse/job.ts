import { type BenchUser } from '../generator/target.ts';

/** The attacks, each by one process beside the honest users. */
export const ATTACKS = [
  'unknown-events',
  'refused-events',
  'connects',
  'reconnects',
  'plain-reconnects',
  'presence',
  'typing',
  'slow-readers',
  'slow-heads',
  'half-open-uploads',
  'log-ins',
  'web-connections',
  'web-requests',
  'packets',
  'large-events',
] as const;

export type AttackName = (typeof ATTACKS)[number];

/** The job of the attacking process, which attacks until it is stopped. */
export interface AttackJob {
  readonly attack: AttackName;
  /** The URL of the attacked service. */
  readonly url: string;
  /** The account that attacks; it belongs to many conversations. */
  readonly attacker: BenchUser;
  /** Other accounts of the same people. */
  readonly accomplices: readonly BenchUser[];
  /** Groups of the attacker and all accomplices. */
  readonly groups: readonly string[];
}

/** The address that attackers connect from. The honest users have another one, so the limits of this one do not affect them. */
export const ATTACKER_ADDRESS = '127.0.0.2';

/** What the attacker has done so far, which it reports several times a second. */
export interface AttackReport {
  /** Connections begun, and events, packets and requests sent. */
  readonly events: number;
  /** Seconds since the attack began. */
  readonly seconds: number;
}
