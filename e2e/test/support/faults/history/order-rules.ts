import { groupBy } from './group-by.ts';
import { keyOf, type HistoryRecord, type Operation, type Violation } from './model.ts';

/** A message with its stored `seq`. */
type StoredMessage = Operation & { readonly seq: number };

/** Checks that messages are stored in the order in which they were sent. */
export function checkOrder({ logs, operations }: HistoryRecord): Violation[] {
  return Object.entries(logs).flatMap(([conversationId, log]) => {
    const seqs = new Map(log.map((entry) => [keyOf(entry), entry.seq]));
    const messages = operations
      .filter((each) => each.kind === 'message' && each.conversationId === conversationId)
      .flatMap((each): StoredMessage[] => {
        const seq = seqs.get(keyOf({ senderId: each.userId, clientId: each.clientId }));
        return seq === undefined ? [] : [{ ...each, seq }];
      })
      .sort((one, other) => one.seq - other.seq);
    return [
      ...sentAfterAcknowledgement(messages),
      ...sentWithPredecessor(messages),
      ...sentOverOneConnection(messages),
    ].map(([first, second, why]) => ({
      kind: 'reordered' as const,
      count: 1,
      detail: `${second.userId} ${second.clientId} is entry ${second.seq} of ${conversationId}, before ${first.userId} ${first.clientId} as ${first.seq}, although ${why}.`,
    }));
  });
}

type Pair = readonly [first: StoredMessage, second: StoredMessage, why: string];

const invokedAt = ({ attempts }: Operation) =>
  Math.min(...attempts.map((attempt) => attempt.invokedAt));

function acknowledgedAt({ attempts }: Operation): number {
  const ok = attempts.filter(({ outcome }) => outcome === 'ok');
  return Math.min(...ok.map(({ answeredAt }) => answeredAt ?? Infinity));
}

/** A message that was sent after the acknowledgement of another one, to any client, has a later `seq`. */
function sentAfterAcknowledgement(messages: readonly StoredMessage[]): Pair[] {
  const pairs: Pair[] = [];
  let earliest: StoredMessage | undefined;
  for (const one of messages.toReversed()) {
    if (earliest !== undefined && invokedAt(one) > acknowledgedAt(earliest)) {
      pairs.push([earliest, one, 'it was sent after the acknowledgement']);
    }
    if (earliest === undefined || acknowledgedAt(one) < acknowledgedAt(earliest)) earliest = one;
  }
  return pairs;
}

/** A message that names its predecessor (`after`) has a later `seq` than it. */
function sentWithPredecessor(messages: readonly StoredMessage[]): Pair[] {
  const byKey = new Map(
    messages.map((each) => [keyOf({ senderId: each.userId, clientId: each.clientId }), each]),
  );
  return messages.flatMap((one) => {
    if (one.after === undefined) return [];
    const first = byKey.get(keyOf({ senderId: one.userId, clientId: one.after }));
    return first !== undefined && first.seq > one.seq
      ? [[first, one, 'it names that one as its predecessor']]
      : [];
  });
}

/** Messages that were sent over one connection with one attempt each keep their order. */
function sentOverOneConnection(messages: readonly StoredMessage[]): Pair[] {
  const simple = messages.filter(
    ({ attempts: [first, second] }) =>
      first?.connection !== undefined && second === undefined && first.outcome === 'ok',
  );
  const lines = groupBy(simple, ({ attempts }) => attempts[0]!.connection);
  return [...lines.values()].flatMap((line) =>
    line.flatMap((one, index): Pair[] => {
      const next = line[index + 1];
      if (next === undefined || invokedAt(next) >= invokedAt(one)) return [];
      return [[next, one, 'they were sent over one connection in that order']];
    }),
  );
}
