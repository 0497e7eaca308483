import { isVisible, spansOf } from './membership.ts';
import {
  isEntry,
  keyOf,
  type ConnectionRecord,
  type DeviceRecord,
  type FaultKind,
  type HistoryRecord,
  type Notice,
  type ReceivedEntry,
  type Violation,
} from './model.ts';

/** Entries that pages may repeat after a reconnect: four pages of at most 500. */
const REPEATED_MAX = 4 * 500;

/** Whether each connection received its conversations in order, each entry once and without gaps. */
export function checkConnections(history: HistoryRecord): Violation[] {
  const attempts = attemptsByConnection(history);
  return history.devices.flatMap((device) =>
    device.connections.flatMap((connection) => {
      const own = attempts.get(connection.id) ?? new Map<string, number>();
      const conversations = new Set(connection.received.flatMap(conversationsOf));
      return [...conversations].flatMap((conversationId) => {
        const checker = new SequenceChecker({ history, device, connection, conversationId, own });
        return checker.violations();
      });
    }),
  );
}

/** For each connection and each key that was attempted on it: the number of attempts on all connections. */
function attemptsByConnection({ operations }: HistoryRecord): Map<string, Map<string, number>> {
  const found = new Map<string, Map<string, number>>();
  for (const { attempts, clientId, conversationId, userId } of operations) {
    const key = `${conversationId} ${keyOf({ senderId: userId, clientId })}`;
    for (const { connection } of attempts) {
      if (connection === undefined) continue;
      const own = found.get(connection) ?? new Map<string, number>();
      found.set(connection, own.set(key, attempts.length));
    }
  }
  return found;
}

function conversationsOf(received: ReceivedEntry | Notice): string[] {
  return 'conversationId' in received ? [received.conversationId] : [];
}

interface Sequence {
  readonly history: HistoryRecord;
  readonly device: DeviceRecord;
  readonly connection: ConnectionRecord;
  readonly conversationId: string;
  /** For each key that was attempted on this connection: the number of attempts on all connections. */
  readonly own: ReadonlyMap<string, number>;
}

/** Checks what one connection received of one conversation. */
class SequenceChecker {
  readonly #sequence: Sequence;
  readonly #faults = new Map<string, { kind: FaultKind; seqs: Set<number> }>();
  /** What the server sent without a request, in pages or as events. */
  readonly #live = new Set<number>();
  readonly #events = new Set<number>();
  readonly #acknowledged = new Set<number>();
  /** The `seq` before the one that must come next; undefined while any may come. */
  #last: number | undefined;
  #newest = 0;

  constructor(sequence: Sequence) {
    this.#sequence = sequence;
  }

  violations(): Violation[] {
    const { connection, conversationId, device } = this.#sequence;
    for (const received of connection.received) {
      if (isEntry(received)) {
        if (received.conversationId === conversationId) this.#entry(received);
      } else this.#notice(received);
    }
    this.#repeats();
    return [...this.#faults].map(([what, { kind, seqs }]) => ({
      kind,
      count: seqs.size,
      detail: `${device.id} on ${connection.id}: ${[...seqs].slice(0, 5).join(', ')}${seqs.size > 5 ? ' …' : ''} of ${conversationId} ${what}.`,
    }));
  }

  #fault(kind: FaultKind, what: string, seq: number): void {
    const { seqs } = this.#faults.get(what) ?? { seqs: new Set() };
    this.#faults.set(what, { kind, seqs: seqs.add(seq) });
  }

  #notice(notice: Notice): void {
    const { conversationId } = this.#sequence;
    if (notice.via === 'resync') {
      if (notice.conversationIds?.includes(conversationId) !== false) this.#last = undefined;
    } else if (notice.conversationId === conversationId) {
      if (notice.via === 'added' || notice.via === 'removed') this.#last = undefined;
      if (notice.via === 'head') this.#last ??= notice.seq;
    }
  }

  #entry(entry: ReceivedEntry): void {
    const { seq, via } = entry;
    if (via === 'ack') {
      this.#acknowledged.add(seq);
      if (this.#events.has(seq)) this.#ackAndEvent(entry);
      return;
    }
    if (via === 'pull') return;
    if (via === 'live') {
      this.#events.add(seq);
      if (this.#acknowledged.has(seq)) this.#ackAndEvent(entry);
    }
    if (this.#live.has(seq)) this.#fault('duplicated', 'arrived twice', seq);
    else this.#inOrder(seq);
    this.#live.add(seq);
  }

  #inOrder(seq: number): void {
    const last = this.#last;
    if (seq < this.#newest) this.#fault('reordered', 'arrived after a later one', seq);
    else if (last !== undefined) {
      for (let missing = last + 1; missing < seq; missing += 1) {
        if (!this.#mayBeMissing(missing))
          this.#fault('lost', 'did not arrive before the next one', missing);
      }
    }
    this.#newest = Math.max(this.#newest, seq);
    this.#last = Math.max(last ?? 0, seq);
  }

  /**
   * Whether an entry may be missing: one of its own arrives as the answer, and one that the user may not see does not
   * arrive. Our client fills gaps by itself.
   */
  #mayBeMissing(seq: number): boolean {
    const { conversationId, device, history, own } = this.#sequence;
    const log = history.logs[conversationId] ?? [];
    const stored = log[seq - 1];
    if (device.kind === 'common' || stored === undefined) return true;
    if (own.has(`${conversationId} ${keyOf(stored)}`)) return true;
    return !isVisible(spansOf(log, device.userId), seq);
  }

  /**
   * The socket that sent an entry gets it as the answer and not as an event, unless the entry was sent more than once. A
   * page of a replay contains every entry.
   */
  #ackAndEvent(entry: ReceivedEntry): void {
    const attempts = this.#sequence.own.get(`${this.#sequence.conversationId} ${keyOf(entry)}`);
    if (attempts === 1) this.#fault('echoed', 'arrived as the answer and as an event', entry.seq);
  }

  /** After a reconnect, only a few pages may repeat entries that the client has acknowledged. */
  #repeats(): void {
    const { connection, conversationId, device } = this.#sequence;
    let mark = 0;
    for (const { closedAt = Infinity, received } of device.connections) {
      if (closedAt > connection.openedAt) continue;
      for (const each of received) {
        if (each.via === 'mark' && each.conversationId === conversationId) {
          mark = Math.max(mark, each.seq);
        }
      }
    }
    const repeated = connection.received
      .filter(isEntry)
      .filter((each) => each.via === 'page' && each.conversationId === conversationId)
      .filter(({ seq }) => seq <= mark);
    if (repeated.length <= REPEATED_MAX) return;
    for (const { seq } of repeated.slice(REPEATED_MAX))
      this.#fault('duplicated', 'arrived again although the server had its mark', seq);
  }
}
