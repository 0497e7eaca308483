import { type BenchUser } from './generator/target.ts';

export const FIGURES = ['A', 'B', 'nodes', 'F', 'hot', 'hot3', 'C', 'D', 'E', 'G', 'H'] as const;
export type FigureName = (typeof FIGURES)[number];

export const TARGETS = ['relay', 'insert', 'group', 'parley'] as const;
export type TargetName = (typeof TARGETS)[number];

/** The sizes of all figures. */
export interface Scale {
  /** Pairs of users in A, B and nodes. */
  readonly pairs: number;
  /** Members of the group in C, without the sender. */
  readonly members: number;
  /** Messages that a client in F has missed. */
  readonly missed: number;
  /** Clients that were offline in F, for each way to catch up. */
  readonly away: number;
  /** Numbers of idle connections in D: the smaller, then the larger. */
  readonly idle: readonly [number, number];
  /** Clients that connect at once in E. */
  readonly storm: number;
  /** Statuses that end in the same second in H. */
  readonly expiring: number;
  /** How many of those users have a partner who is connected. */
  readonly watched: number;
}

/** One measurement for the generator. */
export interface Job {
  readonly figure: FigureName;
  readonly target: TargetName;
  /** The URL of each node. */
  readonly urls: readonly string[];
  /** The URL of the first node's metrics; the relay has none. */
  readonly metricsUrl?: string | undefined;
  /** The process of each node. */
  readonly serverPids: readonly number[];
  /** Absent if this run did not start the database. */
  readonly storePid: number | undefined;
  readonly users: readonly BenchUser[];
  readonly scale: Scale;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** When the statuses of H end (milliseconds since the epoch). */
  readonly expiresAt?: number | undefined;
}

/** A span of time on the clock that all processes of a machine share (`process.hrtime`), in microseconds. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** The result of a job. If there are faults, its metrics are ignored. */
export interface Outcome {
  /** By name; NaN if a value could not be measured on this machine. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
  /** The time span that was measured. */
  readonly measured: TimeSpan;
}

/** Number of users that connect before the measured ones, so that no figure measures code that has never run. */
export const WARM_UP_USERS = 100;

/** The number of nodes that the server of a figure consists of. Nodes are connected through Redis. */
export function nodesOf(figure: FigureName): number {
  if (figure === 'nodes') return 2;
  return figure === 'hot3' ? 3 : 1;
}

/** How many users a figure needs. */
export function usersFor(figure: FigureName, scale: Scale): number {
  switch (figure) {
    case 'A':
    case 'B':
    case 'G':
    case 'nodes':
      return 2 * scale.pairs;
    case 'C':
      return 1 + scale.members;
    case 'D':
      return WARM_UP_USERS + Math.max(...scale.idle);
    case 'E':
      return WARM_UP_USERS + scale.storm;
    case 'F':
      return 1 + 2 * scale.away;
    case 'H':
      return 2 * scale.pairs + scale.watched + scale.expiring;
    case 'hot':
      return 2;
    case 'hot3':
      return nodesOf(figure);
  }
}

/** The users of H besides the pairs who write to each other: connected partners, and users whose statuses end. */
export interface UsersOfExpiry {
  /** The partners of the first users in `expiring`. */
  readonly watching: readonly BenchUser[];
  readonly expiring: readonly BenchUser[];
}

/** Assigns the users of H to their roles. */
export function usersOfExpiry(users: readonly BenchUser[], scale: Scale): UsersOfExpiry {
  const first = 2 * scale.pairs;
  return {
    watching: users.slice(first, first + scale.watched),
    expiring: users.slice(first + scale.watched),
  };
}
