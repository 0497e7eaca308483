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

/** Entries of pages that may come again after a reconnect: four pages of at most 500. */
const REPEATED_MAX = 4 * 500;

/** Whether each connection received its conversations in order, each entry once and without gaps. */
export function checkConnections(history: HistoryRecord): Violation[] {
  const attempts = attemptsByConnection(history);
  return history.devices.flatMap((device) =>
    device.connections.flatMap((connection) => {
      const own = attempts.get(connection.id) ?? new Map<string, number>();
      const conversations = new Set(connection.received.flatMap(conversationsOf));
      return [...conversations].flatMap((conversationId) => {
        const follower = new Follower({ history, device, connection, conversationId, own });
        return follower.violations();
      });
    }),
  );
}

/** By connection, how often each key was attempted anywhere, if it was attempted on that connection. */
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

interface Followed {
  readonly history: HistoryRecord;
  readonly device: DeviceRecord;
  readonly connection: ConnectionRecord;
  readonly conversationId: string;
  /** The keys that were attempted on this connection. */
  readonly own: ReadonlyMap<string, number>;
}

/** Follows one conversation over one connection. */
class Follower {
  readonly #of: Followed;
  readonly #faults = new Map<string, { kind: FaultKind; seqs: Set<number> }>();
  /** What came by itself, in pages or as events. */
  readonly #live = new Set<number>();
  readonly #events = new Set<number>();
  readonly #acknowledged = new Set<number>();
  /** After it, the next one must come. */
  #last: number | undefined;
  #newest = 0;

  constructor(of: Followed) {
    this.#of = of;
  }

  violations(): Violation[] {
    const { connection, conversationId, device } = this.#of;
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
    const { conversationId } = this.#of;
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
    if (this.#live.has(seq)) this.#fault('doubled', 'came twice', seq);
    else this.#inOrder(seq);
    this.#live.add(seq);
  }

  #inOrder(seq: number): void {
    const last = this.#last;
    if (seq < this.#newest) this.#fault('reordered', 'came after a later one', seq);
    else if (last !== undefined) {
      for (let missing = last + 1; missing < seq; missing += 1) {
        if (!this.#mayLack(missing))
          this.#fault('lost', 'did not come before the next one', missing);
      }
    }
    this.#newest = Math.max(this.#newest, seq);
    this.#last = Math.max(last ?? 0, seq);
  }

  /** Its own entries arrive as answers, and what it may not see does not arrive. Our client fills gaps by itself. */
  #mayLack(seq: number): boolean {
    const { conversationId, device, history, own } = this.#of;
    const log = history.logs[conversationId] ?? [];
    const stored = log[seq - 1];
    if (device.kind === 'common' || stored === undefined) return true;
    if (own.has(`${conversationId} ${keyOf(stored)}`)) return true;
    return !isVisible(spansOf(log, device.userId), seq);
  }

  /**
   * The socket that sent an entry gets it as the answer and not as an event, unless it was sent more than once. A page
   * of a replay has every entry.
   */
  #ackAndEvent(entry: ReceivedEntry): void {
    const attempts = this.#of.own.get(`${this.#of.conversationId} ${keyOf(entry)}`);
    if (attempts === 1) this.#fault('echoed', 'came as the answer and as an event', entry.seq);
  }

  /** After a reconnect, some pages may come again of what the server knows to be delivered. */
  #repeats(): void {
    const { connection, conversationId, device } = this.#of;
    let mark = 0;
    for (const { closedAt = Infinity, received } of device.connections) {
      if (closedAt > connection.openedAt) continue;
      for (const each of received) {
        if (each.via === 'mark' && each.conversationId === conversationId) {
          mark = Math.max(mark, each.seq);
        }
      }
    }
    const again = connection.received
      .filter(isEntry)
      .filter((each) => each.via === 'page' && each.conversationId === conversationId)
      .filter(({ seq }) => seq <= mark);
    if (again.length <= REPEATED_MAX) return;
    for (const { seq } of again.slice(REPEATED_MAX))
      this.#fault('doubled', 'came again although the server had its mark', seq);
  }
}
