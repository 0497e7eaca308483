import { type Floor, FLOORS } from './floors.ts';
import { type FigureName, type Outcome, type TargetName } from './job.ts';
import { median, spread, type Spread } from './statistics.ts';

/** One measurement of one round. */
export interface Measurement extends Outcome {
  readonly round: number;
  readonly figure: FigureName;
  readonly target: TargetName;
}

/** Whether a floor was met. `measured` is the median of the rounds; NaN if it was not measured. */
export interface Verdict extends Floor {
  readonly measured: number;
  readonly verdict: 'met' | 'missed' | 'not measured';
}

export interface Selection {
  readonly figure: FigureName;
  readonly target: TargetName;
  readonly metric: string;
}

/** The measurements of a run, and comparisons between them. Measurements with faults are excluded. */
export class Results {
  readonly measurements: Measurement[] = [];

  add(measurement: Measurement): void {
    this.measurements.push(measurement);
  }

  get faults(): string[] {
    return this.measurements.flatMap(({ round, figure, target, faults }) =>
      faults.map((fault) => `round ${round}, ${figure}, ${target}: ${fault}`),
    );
  }

  /** The metric over the rounds, or undefined if it was not measured. */
  over(selection: Selection): Spread | undefined {
    const values = [...this.#byRound(selection).values()];
    return values.length === 0 ? undefined : spread(values);
  }

  /** The metric as a ratio to another target's in the same round, over the rounds. */
  ratio(selection: Selection, against: TargetName): Spread | undefined {
    const ratios = this.#ratios(selection, against);
    return ratios.length === 0 ? undefined : spread(ratios);
  }

  /** The floors of the figures that were measured. */
  verdicts(figures: readonly FigureName[]): Verdict[] {
    return FLOORS.filter(({ figure }) => figures.includes(figure)).map((floor) => {
      const measured = median(this.#judged({ ...floor, target: 'parley' }, floor.against));
      if (Number.isNaN(measured)) return { ...floor, measured, verdict: 'not measured' };
      const met = floor.bound === 'at least' ? measured >= floor.limit : measured <= floor.limit;
      return { ...floor, measured, verdict: met ? 'met' : 'missed' };
    });
  }

  #judged(selection: Selection, against: TargetName | null): number[] {
    return against === null
      ? [...this.#byRound(selection).values()]
      : this.#ratios(selection, against);
  }

  #ratios(selection: Selection, against: TargetName): number[] {
    const others = this.#byRound({ ...selection, target: against });
    return [...this.#byRound(selection)].flatMap(([round, value]) => {
      const other = others.get(round);
      return other === undefined ? [] : [value / other];
    });
  }

  #byRound({ figure, target, metric }: Selection): Map<number, number> {
    const chosen = this.measurements.filter(
      (each) => each.figure === figure && each.target === target && each.faults.length === 0,
    );
    return new Map(
      chosen.flatMap(({ round, metrics }) => {
        const value = metrics[metric] ?? Number.NaN;
        return Number.isFinite(value) ? [[round, value] as const] : [];
      }),
    );
  }
}
