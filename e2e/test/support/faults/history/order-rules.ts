import { groupBy } from './group-by.ts';
import { keyOf, type HistoryRecord, type Operation, type Violation } from './model.ts';

/** A message with its place in the log. */
type Placed = Operation & { readonly seq: number };

/** Messages that are stored in another order than they were sent. */
export function checkOrder({ logs, operations }: HistoryRecord): Violation[] {
  return Object.entries(logs).flatMap(([conversationId, log]) => {
    const places = new Map(log.map((entry) => [keyOf(entry), entry.seq]));
    const placed = operations
      .filter((each) => each.kind === 'message' && each.conversationId === conversationId)
      .flatMap((each): Placed[] => {
        const seq = places.get(keyOf({ senderId: each.userId, clientId: each.clientId }));
        return seq === undefined ? [] : [{ ...each, seq }];
      })
      .sort((one, other) => one.seq - other.seq);
    return [...overtaken(placed), ...outOfChain(placed), ...outOfLine(placed)].map(
      ([first, second, why]) => ({
        kind: 'reordered' as const,
        count: 1,
        detail: `${second.userId} ${second.clientId} is entry ${second.seq} of ${conversationId}, before ${first.userId} ${first.clientId} as ${first.seq}, although ${why}.`,
      }),
    );
  });
}

type Pair = readonly [first: Placed, second: Placed, why: string];

const invokedAt = ({ attempts }: Operation) =>
  Math.min(...attempts.map((attempt) => attempt.invokedAt));

function acknowledgedAt({ attempts }: Operation): number {
  const ok = attempts.filter(({ outcome }) => outcome === 'ok');
  return Math.min(...ok.map(({ answeredAt }) => answeredAt ?? Infinity));
}

/** Whoever sends after an acknowledgement gets a later place, whoever got that acknowledgement. */
function overtaken(placed: readonly Placed[]): Pair[] {
  const pairs: Pair[] = [];
  let earliest: Placed | undefined;
  for (const one of placed.toReversed()) {
    if (earliest !== undefined && invokedAt(one) > acknowledgedAt(earliest)) {
      pairs.push([earliest, one, 'it was sent after the acknowledgement']);
    }
    if (earliest === undefined || acknowledgedAt(one) < acknowledgedAt(earliest)) earliest = one;
  }
  return pairs;
}

/** A message that names its predecessor (`after`) comes after it. */
function outOfChain(placed: readonly Placed[]): Pair[] {
  const byKey = new Map(
    placed.map((each) => [keyOf({ senderId: each.userId, clientId: each.clientId }), each]),
  );
  return placed.flatMap((one) => {
    if (one.after === undefined) return [];
    const first = byKey.get(keyOf({ senderId: one.userId, clientId: one.after }));
    return first !== undefined && first.seq > one.seq ? [[first, one, 'it names it as after']] : [];
  });
}

/** Messages of one connection that needed one attempt are in the order of their sends. */
function outOfLine(placed: readonly Placed[]): Pair[] {
  const simple = placed.filter(
    ({ attempts: [first, second] }) =>
      first?.connection !== undefined && second === undefined && first.outcome === 'ok',
  );
  const lines = groupBy(simple, ({ attempts }) => attempts[0]!.connection);
  return [...lines.values()].flatMap((line) =>
    line.flatMap((one, index): Pair[] => {
      const next = line[index + 1];
      if (next === undefined || invokedAt(next) >= invokedAt(one)) return [];
      return [[next, one, 'they went over one connection in that order']];
    }),
  );
}
