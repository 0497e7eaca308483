import type { FigureName, TargetName } from './job.ts';

/**
 * A bound that Parley must keep. It applies to the median over the rounds of a metric, or of the ratio of the metric to
 * that of another target in the same round.
 */
export interface Floor {
  readonly figure: FigureName;
  readonly metric: string;
  /** `null`: the bound is on the number itself, not on a ratio. */
  readonly against: TargetName | null;
  readonly bound: 'at least' | 'at most';
  readonly limit: number;
  readonly says: string;
}

type FloorRow = [
  figure: FigureName,
  metric: string,
  against: TargetName | null,
  bound: Floor['bound'],
  limit: number,
  says: string,
];

const ROWS: readonly FloorRow[] = [
  ['B', 'rate', 'relay', 'at least', 0.3, 'messages/s, to the relay'],
  ['B', 'rate', 'insert', 'at least', 5, 'messages/s, to the inserting relay'],
  ['B', 'serverCpu', 'relay', 'at most', 2.5, 'server CPU a message, to the relay'],
  ['A', 'ackP50', 'insert', 'at most', 1.5, 'ack p50, to the inserting relay'],
  ['F', 'rate', 'relay', 'at least', 0.2, 'messages/s, to the relay'],
  ['hot', 'rate', 'insert', 'at least', 1, 'messages/s, to the inserting relay'],
  ['nodes', 'rate', 'group', 'at least', 0.9, 'messages/s, to the relay with group commit'],
  ['hot3', 'fewRatio', null, 'at least', 0.5, 'messages/s on three nodes to one, 6 in progress'],
  ['hot3', 'manyRatio', null, 'at least', 0.5, 'the same with 60 in progress'],
  ['hot3', 'fewOnAllP99', null, 'at most', 100, 'ack p99 ms on three nodes, 6 in progress'],
  ['hot3', 'manyOnAllP99', null, 'at most', 100, 'the same with 60 in progress'],
  ['C', 'rate', 'relay', 'at least', 0.6, 'deliveries/s, to the relay'],
  ['D', 'many', 'relay', 'at most', 1.5, 'memory a connection, to the relay'],
  ['E', 'milliseconds', 'relay', 'at most', 1.6, 'time, to the relay'],
  ['G', 'deliveryP50', 'insert', 'at most', 3, 'delivery p50, to a message of the inserting relay'],
  ['H', 'handled', null, 'at most', 10, 'seconds until all are handled'],
  ['H', 'slowdown', null, 'at most', 5, 'ack p99 meanwhile, to that before'],
];

/** The floors that `--check` enforces. */
export const FLOORS: readonly Floor[] = ROWS.map(
  ([figure, metricName, against, bound, limit, says]) => ({
    ...{ figure, metric: metricName, against },
    ...{ bound, limit, says },
  }),
);
