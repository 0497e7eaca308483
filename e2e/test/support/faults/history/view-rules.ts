import { isVisible, spansOf, type Span } from './membership.ts';
import {
  isEntry,
  keyOf,
  type DeviceRecord,
  type HistoryRecord,
  type ReceivedEntry,
  type StoredEntry,
  type Violation,
} from './model.ts';

/** What is wrong with what each client has received. The order within connections is checked apart. */
export function checkViews({ devices, endedAt, logs }: HistoryRecord): Violation[] {
  return devices.flatMap((device) => [
    ...lingering(device, endedAt),
    ...Object.entries(logs).flatMap(([conversationId, log]) => {
      const spans = spansOf(log, device.userId);
      const view = { device, conversationId, log, spans };
      return [...missing(view), ...unseemly(view), ...falsified(view), ...shownWrongly(view)];
    }),
  ]);
}

/** What one client got of one conversation. */
interface View {
  readonly device: DeviceRecord;
  readonly conversationId: string;
  readonly log: readonly StoredEntry[];
  readonly spans: readonly Span[];
}

function entriesOf({ conversationId, device }: View): ReceivedEntry[] {
  return device.connections.flatMap(({ received }) =>
    received.filter(isEntry).filter((entry) => entry.conversationId === conversationId),
  );
}

const listed = (seqs: readonly number[]) =>
  `${seqs.slice(0, 5).join(', ')}${seqs.length > 5 ? ` … ${seqs.at(-1) ?? ''}` : ''}`;

/** A member who was there to the end has everything since its join. */
function missing(view: View): Violation[] {
  const { conversationId, device, log, spans } = view;
  const open = spans.find(({ to }) => to === Infinity);
  if (!device.isThere || open === undefined) return [];
  const has = new Set(entriesOf(view).map(({ seq }) => seq));
  for (const seq of device.views[conversationId] ?? []) has.add(seq);
  const lacking = log.map(({ seq }) => seq).filter((seq) => seq >= open.from && !has.has(seq));
  if (lacking.length === 0) return [];
  const detail = `${device.id} lacks ${lacking.length} of ${log.length} entries of ${conversationId}: ${listed(lacking)}.`;
  return [{ kind: 'lost', count: lacking.length, detail }];
}

/** Nobody gets an entry from before its join or from after its removal. */
function unseemly(view: View): Violation[] {
  const { conversationId, device, spans } = view;
  const wrong = entriesOf(view).filter(({ seq, via }) => via !== 'ack' && !isVisible(spans, seq));
  if (wrong.length === 0) return [];
  const seqs = wrong.map(({ seq }) => seq);
  const belonged = spans.map(({ from, to }) => `${from}–${to}`).join(', ') || 'never';
  const detail = `${device.id} got ${listed(seqs)} of ${conversationId} and was a member: ${belonged}.`;
  return [{ kind: 'afterRemoval', count: wrong.length, detail }];
}

/** What was received is what is stored. */
function falsified(view: View): Violation[] {
  const { conversationId, device, log } = view;
  const wrong = entriesOf(view).filter((entry) => {
    const stored = log[entry.seq - 1];
    return stored === undefined || keyOf(stored) !== keyOf(entry);
  });
  if (wrong.length === 0) return [];
  const seqs = wrong.map(({ seq }) => seq);
  const detail = `${device.id} got ${listed(seqs)} of ${conversationId}, which are stored otherwise or not at all.`;
  return [{ kind: 'phantom', count: wrong.length, detail }];
}

/** A client that shows a conversation shows each entry once, in order. */
function shownWrongly({ conversationId, device }: View): Violation[] {
  const shown = device.views[conversationId] ?? [];
  const once = new Set<number>();
  const doubled = shown.filter((seq) => once.size === once.add(seq).size);
  const backwards = shown.filter((seq, index) => index > 0 && seq < shown[index - 1]!);
  const violations: Violation[] = [];
  const where = `${device.id} shows ${conversationId}`;
  if (doubled.length > 0) {
    const detail = `${where} with ${listed(doubled)} twice.`;
    violations.push({ kind: 'doubled', count: doubled.length, detail });
  }
  if (backwards.length > 0) {
    const detail = `${where} with ${listed(backwards)} after later entries.`;
    violations.push({ kind: 'reordered', count: backwards.length, detail });
  }
  return violations;
}

/** The sockets of a session that has ended are closed and get nothing more. */
function lingering({ connections, id, mustEndBy }: DeviceRecord, endedAt: number): Violation[] {
  if (mustEndBy === undefined) return [];
  const late = connections.flatMap(({ received }) =>
    received.filter((each) => isEntry(each) && each.at > mustEndBy),
  );
  const open = connections.filter(({ closedAt = Infinity }) => closedAt > endedAt);
  const isOpen = endedAt > mustEndBy && open.length > 0;
  if (late.length === 0 && !isOpen) return [];
  const detail = `${id} got ${late.length} entries after its session had ended, and its socket was ${isOpen ? 'open' : 'closed'} at the end.`;
  return [{ kind: 'afterRemoval', count: Math.max(1, late.length), detail }];
}
