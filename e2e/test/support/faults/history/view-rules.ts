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

/** Checks what each client has received in total. `connection-rules.ts` checks the order on each connection. */
export function checkViews({ devices, endedAt, logs }: HistoryRecord): Violation[] {
  return devices.flatMap((device) => [
    ...openAfterSessionEnd(device, endedAt),
    ...Object.entries(logs).flatMap(([conversationId, log]) => {
      const spans = spansOf(log, device.userId);
      const view = { device, conversationId, log, spans };
      return [
        ...missing(view),
        ...outsideMembership(view),
        ...differentFromLog(view),
        ...wrongDisplay(view),
      ];
    }),
  ]);
}

/** What one client received of one conversation. */
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

/** A device of a member has received everything since the join, if it had the time. */
function missing(view: View): Violation[] {
  const { conversationId, device, log, spans } = view;
  const open = spans.find(({ to }) => to === Infinity);
  if (!device.mustBeComplete || open === undefined) return [];
  const has = new Set(entriesOf(view).map(({ seq }) => seq));
  for (const seq of device.views[conversationId] ?? []) has.add(seq);
  const missingSeqs = log.map(({ seq }) => seq).filter((seq) => seq >= open.from && !has.has(seq));
  if (missingSeqs.length === 0) return [];
  const detail = `${device.id} has not received ${missingSeqs.length} of ${log.length} entries of ${conversationId}: ${listed(missingSeqs)}.`;
  return [{ kind: 'lost', count: missingSeqs.length, detail }];
}

/** No user receives an entry from before the join or from after the removal. */
function outsideMembership(view: View): Violation[] {
  const { conversationId, device, spans } = view;
  const wrong = entriesOf(view).filter(({ seq, via }) => via !== 'ack' && !isVisible(spans, seq));
  if (wrong.length === 0) return [];
  const seqs = wrong.map(({ seq }) => seq);
  const memberships = spans.map(({ from, to }) => `${from}–${to}`).join(', ') || 'no entries';
  const detail = `${device.id} got ${listed(seqs)} of ${conversationId}, but was a member during ${memberships}.`;
  return [{ kind: 'afterRemoval', count: wrong.length, detail }];
}

/** Received entries are the same as the stored ones. */
function differentFromLog(view: View): Violation[] {
  const { conversationId, device, log } = view;
  const wrong = entriesOf(view).filter((entry) => {
    const stored = log[entry.seq - 1];
    return stored === undefined || keyOf(stored) !== keyOf(entry);
  });
  if (wrong.length === 0) return [];
  const seqs = wrong.map(({ seq }) => seq);
  const detail = `${device.id} got ${listed(seqs)} of ${conversationId}, which are stored with another key or not at all.`;
  return [{ kind: 'phantom', count: wrong.length, detail }];
}

/** A client shows each entry once and in order. */
function wrongDisplay({ conversationId, device }: View): Violation[] {
  const shown = device.views[conversationId] ?? [];
  const seen = new Set<number>();
  const duplicated = shown.filter((seq) => seen.size === seen.add(seq).size);
  const reordered = shown.filter((seq, index) => index > 0 && seq < shown[index - 1]!);
  const violations: Violation[] = [];
  const where = `${device.id} shows ${conversationId}`;
  if (duplicated.length > 0) {
    const detail = `${where} with ${listed(duplicated)} twice.`;
    violations.push({ kind: 'duplicated', count: duplicated.length, detail });
  }
  if (reordered.length > 0) {
    const detail = `${where} with ${listed(reordered)} after later entries.`;
    violations.push({ kind: 'reordered', count: reordered.length, detail });
  }
  return violations;
}

/** The sockets of an ended session are closed and receive nothing more. */
function openAfterSessionEnd(
  { connections, id, mustEndBy }: DeviceRecord,
  endedAt: number,
): Violation[] {
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
