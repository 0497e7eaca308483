import { type TimeSpan } from '../job.ts';
import { type AttackName } from './job.ts';
import { type MemoryAfter } from './memory.ts';

/** The column headings for {@link line}. */
export const COLUMNS =
  'attack             p99 idle   attacked     worst  lost  s above idle/attacked  CPU idle/attacked/attacker  events/s   µs each  MiB before/peak/after  back   SIGTERM verdict';

/** The effects of one attack on the honest users and on the attacked process. Memory in MiB, times in milliseconds. */
export interface Verdict {
  readonly idle: number;
  readonly attacked: number;
  /** The slowest acknowledgement during the attack. */
  readonly worst: number;
  /** Messages sent during the attack that were refused, or not answered until the node had rested. */
  readonly lost: number;
  readonly secondsAbove: number;
  /** The same without an attack: an excess of this duration is noise of the machine. */
  readonly idleAbove: number;
  /** The p99 of each second of the attack. */
  readonly seconds: readonly number[];
  /** When the attack was measured, by the clock of CPU profiles. */
  readonly attackedAt: TimeSpan;
  /** Connections that the attacker began and events that it sent, a second; 0 without a report. */
  readonly events: number;
  /** Shares of a core that the node used, and the attacker of the core that it has with the honest users. */
  readonly cpu: { readonly idle: number; readonly attacked: number; readonly attacker: number };
  readonly memory: MemoryAfter & { readonly before: number; readonly peak: number };
  readonly stopped: number;
  /** The exit code after SIGTERM, or the signal that ended the process. */
  readonly exit: string;
}

/** The bounds that the attack exceeded. A value that could not be measured is no fault. */
export function faultsOf({ exit, lost, memory, secondsAbove }: Verdict): string[] {
  return [
    ...(secondsAbove > 1 ? ['p99'] : []),
    ...(lost > 0 ? ['lost'] : []),
    ...(memory.backAfter === undefined ? ['memory'] : []),
    ...(exit === '0' ? [] : [`exit ${exit}`]),
  ];
}

/** Microseconds of the node's CPU for each event of the attacker, without what the node uses when it is idle; NaN without events. */
export function microsecondsOf({ cpu, events }: Pick<Verdict, 'cpu' | 'events'>): number {
  return (1_000_000 * Math.max(0, cpu.attacked - cpu.idle)) / events;
}

/** A row of the table, with the p99 of each second below it. */
export function line(attack: AttackName, verdict: Verdict, faults: readonly string[]): string {
  const { attacked, cpu, events, idle, idleAbove, lost, memory, seconds, secondsAbove, worst } =
    verdict;
  const percent = (share: number): string => (100 * share).toFixed(0);
  const used = [cpu.idle, cpu.attacked, cpu.attacker].map(percent).join('/');
  const held = `${memory.before.toFixed(0)}/${memory.peak.toFixed(0)}/${memory.after.toFixed(0)}`;
  const back = memory.backAfter === undefined ? 'no' : `${memory.backAfter} s`;
  const each = events === 0 ? '-' : microsecondsOf(verdict).toFixed(0);
  const row = [
    attack.padEnd(18),
    `${idle.toFixed(1)} ms`.padStart(9),
    `${attacked.toFixed(1)} ms`.padStart(10),
    `${worst.toFixed(0)} ms`.padStart(9),
    String(lost).padStart(5),
    `${idleAbove.toFixed(1)}/${secondsAbove.toFixed(1)}`.padStart(22),
    `${used} %`.padStart(27),
    events.toFixed(0).padStart(9),
    each.padStart(9),
    held.padStart(22),
    back.padStart(5),
    `${verdict.stopped.toFixed(0)} ms`.padStart(9),
    faults.length === 0 ? ' met' : ` missed: ${faults.join(', ')}`,
  ].join(' ');
  return `${row}\n${' '.repeat(18)} by second: ${seconds.map((p99) => p99.toFixed(0)).join(' ')}`;
}
