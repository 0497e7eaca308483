import { groupBy } from './group-by.ts';
import { isVisible, spansOf } from './membership.ts';
import {
  keyOf,
  outcomeOf,
  type HistoryRecord,
  type Operation,
  type StoredEntry,
  type Violation,
} from './model.ts';

type Log = readonly StoredEntry[];

/** Checks the stored logs: their numbers, their members, and whether they contain what clients sent and nothing else. */
export function checkLogs({ logs, operations }: HistoryRecord): Violation[] {
  const byConversation = groupBy(operations, ({ conversationId }) => conversationId);
  return Object.entries(logs).flatMap(([conversationId, log]) => {
    const invoked = byConversation.get(conversationId) ?? [];
    return [
      ...gaps(log),
      ...duplicates(log),
      ...entriesOfNonMembers(log),
      ...phantoms(log, invoked),
      ...lostMessages(log, invoked),
    ];
  });
}

const nameOf = ({ conversationId, seq }: StoredEntry) => `entry ${seq} of ${conversationId}`;

function gaps(log: Log): Violation[] {
  const wrong = log.find(({ seq }, index) => seq !== index + 1);
  if (wrong === undefined) return [];
  return [
    {
      kind: 'gap',
      count: 1,
      detail: `The log is not 1…n; the first wrong one is ${nameOf(wrong)}.`,
    },
  ];
}

function duplicates(log: Log): Violation[] {
  return [...groupBy(log, keyOf).values()].flatMap((same) =>
    same.length === 1
      ? []
      : [
          {
            kind: 'duplicated' as const,
            count: same.length - 1,
            detail: `${keyOf(same[0]!)} is stored as ${same.map(nameOf).join(' and ')}.`,
          },
        ],
  );
}

/** Entries whose sender was not a member when they got their number. */
function entriesOfNonMembers(log: Log): Violation[] {
  const senders = [...new Set(log.map(({ senderId }) => senderId))];
  const spans = new Map(senders.map((userId) => [userId, spansOf(log, userId)]));
  return log
    .filter(({ seq, senderId }) => !isVisible(spans.get(senderId) ?? [], seq))
    .map((entry) => ({
      kind: 'afterRemoval' as const,
      count: 1,
      detail: `The sender ${entry.senderId} of ${nameOf(entry)} is not a member.`,
    }));
}

/** Stored entries that no client sent, or whose send was refused. */
function phantoms(log: Log, invoked: readonly Operation[]): Violation[] {
  const operations = new Map(
    invoked.map((each) => [keyOf({ senderId: each.userId, clientId: each.clientId }), each]),
  );
  const reasonOf = (entry: StoredEntry): string | undefined => {
    const operation = operations.get(keyOf(entry));
    if (operation === undefined) return 'nobody sent it';
    if (operation.mustFail === true) return 'its sender was blocked';
    if (outcomeOf(operation) === 'failed') return 'every attempt was refused';
    if (operation.text !== undefined && operation.text !== entry.text) return 'its text differs';
    return undefined;
  };
  return log.flatMap((entry) => {
    const reason = reasonOf(entry);
    if (reason === undefined) return [];
    const detail = `${nameOf(entry)} (${keyOf(entry)}) is stored, but ${reason}.`;
    return [{ kind: 'phantom' as const, count: 1, detail }];
  });
}

/** Acknowledged messages that are not stored with the acknowledged `seq`. */
function lostMessages(log: Log, invoked: readonly Operation[]): Violation[] {
  const stored = new Map(log.map((entry) => [keyOf(entry), entry]));
  return invoked.flatMap((operation) => {
    const { clientId, conversationId, kind, seq, userId } = operation;
    if (kind !== 'message' || outcomeOf(operation) !== 'ok') return [];
    const entry = stored.get(keyOf({ senderId: userId, clientId }));
    if (entry !== undefined && entry.seq === seq) return [];
    const found = entry === undefined ? 'is not stored' : `is stored as ${entry.seq}`;
    const detail = `${userId} ${clientId} was acknowledged as ${seq ?? '?'} of ${conversationId} and ${found}.`;
    return [{ kind: 'lost' as const, count: 1, detail }];
  });
}
