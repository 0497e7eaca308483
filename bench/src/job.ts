import { type Person } from './generator/target.ts';

export const FIGURES = ['A', 'B', 'F', 'hot', 'C', 'D', 'E', 'G', 'H'] as const;
export type FigureName = (typeof FIGURES)[number];

export const TARGETS = ['relay', 'insert', 'parley'] as const;
export type TargetName = (typeof TARGETS)[number];

/** How much of everything. */
export interface Scale {
  /** Pairs of people in A and B. */
  readonly pairs: number;
  /** Members of the group in C, its sender not counted. */
  readonly members: number;
  /** Messages that a client in F has missed. */
  readonly missed: number;
  /** Clients that were away in F, for each way to catch up. */
  readonly away: number;
  /** Idle connections in D: first so many, then so many. */
  readonly idle: readonly [number, number];
  /** Clients that connect at once in E. */
  readonly storm: number;
  /** Statuses that end in the same second in H. */
  readonly expiring: number;
  /** How many of those people have a partner who is connected. */
  readonly watched: number;
}

/** What the generator is to measure. */
export interface Job {
  readonly figure: FigureName;
  readonly target: TargetName;
  readonly url: string;
  /** Where the server tells its metrics; the relay has none. */
  readonly metricsUrl?: string | undefined;
  readonly serverPid: number;
  /** Absent when the database was not started by this run. */
  readonly storePid: number | undefined;
  readonly people: readonly Person[];
  readonly scale: Scale;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** When the statuses of H end (milliseconds since the epoch). */
  readonly expiresAt?: number | undefined;
}

/** A stretch of time on the clock that all processes of a machine share (`process.hrtime`), in microseconds. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** What came of a job. With faults, its metrics count for nothing. */
export interface Outcome {
  /** By name; NaN where something could not be measured here. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
  /** What of the time was measured. */
  readonly measured: Stretch;
}

/** People that connect before the measured ones, so that no figure times code that has never run. */
export const WARM_UP_PEOPLE = 100;

/** How many people a figure needs. */
export function peopleFor(figure: FigureName, scale: Scale): number {
  switch (figure) {
    case 'A':
    case 'B':
    case 'G':
      return 2 * scale.pairs;
    case 'C':
      return 1 + scale.members;
    case 'D':
      return WARM_UP_PEOPLE + Math.max(...scale.idle);
    case 'E':
      return WARM_UP_PEOPLE + scale.storm;
    case 'F':
      return 1 + 2 * scale.away;
    case 'H':
      return 2 * scale.pairs + scale.watched + scale.expiring;
    case 'hot':
      return 2;
  }
}

/** The people of H: pairs who write to each other, partners who look on, and people whose statuses end. */
export interface CastOfExpiry {
  /** Partners of the first of the `expiring`. */
  readonly watching: readonly Person[];
  readonly expiring: readonly Person[];
}

/** Who is who in H. */
export function castOfExpiry(people: readonly Person[], scale: Scale): CastOfExpiry {
  const first = 2 * scale.pairs;
  return {
    watching: people.slice(first, first + scale.watched),
    expiring: people.slice(first + scale.watched),
  };
}
