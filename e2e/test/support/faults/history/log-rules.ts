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

/** What is wrong with the stored logs by themselves, and compared with what clients asked for. */
export function checkLogs({ logs, operations }: HistoryRecord): Violation[] {
  const byConversation = groupBy(operations, ({ conversationId }) => conversationId);
  return Object.entries(logs).flatMap(([conversationId, log]) => {
    const asked = byConversation.get(conversationId) ?? [];
    return [
      ...holes(log),
      ...doubles(log),
      ...strangers(log),
      ...phantoms(log, asked),
      ...unkept(log, asked),
    ];
  });
}

const nameOf = ({ conversationId, seq }: StoredEntry) => `entry ${seq} of ${conversationId}`;

function holes(log: Log): Violation[] {
  const wrong = log.find(({ seq }, index) => seq !== index + 1);
  if (wrong === undefined) return [];
  return [{ kind: 'hole', count: 1, detail: `The log is not 1…n: look at ${nameOf(wrong)}.` }];
}

function doubles(log: Log): Violation[] {
  return [...groupBy(log, keyOf).values()].flatMap((same) =>
    same.length === 1
      ? []
      : [
          {
            kind: 'doubled' as const,
            count: same.length - 1,
            detail: `${keyOf(same[0]!)} is stored as ${same.map(nameOf).join(' and ')}.`,
          },
        ],
  );
}

/** Entries of users who were no members when they got their number. */
function strangers(log: Log): Violation[] {
  const senders = [...new Set(log.map(({ senderId }) => senderId))];
  const spans = new Map(senders.map((userId) => [userId, spansOf(log, userId)]));
  return log
    .filter(({ seq, senderId }) => !isVisible(spans.get(senderId) ?? [], seq))
    .map((entry) => ({
      kind: 'afterRemoval' as const,
      count: 1,
      detail: `The sender ${entry.senderId} of ${nameOf(entry)} is no member.`,
    }));
}

function phantoms(log: Log, asked: readonly Operation[]): Violation[] {
  const operations = new Map(
    asked.map((each) => [keyOf({ senderId: each.userId, clientId: each.clientId }), each]),
  );
  const reasonOf = (entry: StoredEntry): string | undefined => {
    const operation = operations.get(keyOf(entry));
    if (operation === undefined) return 'nobody sent it';
    if (operation.mustFail === true) return 'its sender was blocked';
    if (outcomeOf(operation) === 'failed') return 'every attempt was refused';
    if (operation.text !== undefined && operation.text !== entry.text) return 'its text is another';
    return undefined;
  };
  return log.flatMap((entry) => {
    const reason = reasonOf(entry);
    if (reason === undefined) return [];
    const detail = `${nameOf(entry)} (${keyOf(entry)}) is stored, but ${reason}.`;
    return [{ kind: 'phantom' as const, count: 1, detail }];
  });
}

/** Acknowledged messages that are not stored where the acknowledgement says. */
function unkept(log: Log, asked: readonly Operation[]): Violation[] {
  const stored = new Map(log.map((entry) => [keyOf(entry), entry]));
  return asked.flatMap((operation) => {
    const { clientId, conversationId, kind, seq, userId } = operation;
    if (kind !== 'message' || outcomeOf(operation) !== 'ok') return [];
    const entry = stored.get(keyOf({ senderId: userId, clientId }));
    if (entry !== undefined && entry.seq === seq) return [];
    const found = entry === undefined ? 'is not stored' : `is stored as ${entry.seq}`;
    const detail = `${userId} ${clientId} was acknowledged as ${seq ?? '?'} of ${conversationId} and ${found}.`;
    return [{ kind: 'lost' as const, count: 1, detail }];
  });
}
