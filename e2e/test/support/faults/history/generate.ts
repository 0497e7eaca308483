import type { Random } from '../random.ts';
import { isVisible, spansOf } from './membership.ts';
import type { Attempt, DeviceRecord, HistoryRecord, Operation, StoredEntry } from './model.ts';

const KINDS = ['plain', 'heads', 'common'] as const;
const MEMBERS = 4;
const GUEST = 'guest';
const PAGE = 7;

/** A history that tests can change. */
export interface DraftHistory extends HistoryRecord {
  readonly operations: Operation[];
  readonly devices: DeviceRecord[];
  readonly logs: Record<string, StoredEntry[]>;
}

/** Generates a history without a violation: members, and a guest who joins and leaves, each with a device that reconnects. */
export function cleanHistory(random: Random): DraftHistory {
  const conversations = ['one', 'two'];
  const operations: Operation[] = [];
  const logs: Record<string, StoredEntry[]> = {};
  for (const conversationId of conversations) {
    const { log, sent } = logOf(conversationId, random);
    logs[conversationId] = log;
    operations.push(...sent);
  }
  const users = [...Array.from({ length: MEMBERS }, (_, index) => `user${index}`), GUEST];
  const devices = users.map((userId, index) => {
    const kind = KINDS[index % KINDS.length]!;
    return deviceOf({ id: `${userId}'s ${kind}`, kind, userId, operations, logs, random });
  });
  return { operations, devices, logs, endedAt: 10_000 };
}

function logOf(conversationId: string, random: Random): { log: StoredEntry[]; sent: Operation[] } {
  const log: StoredEntry[] = [];
  const sent: Operation[] = [];
  const append = (entry: Pick<StoredEntry, 'kind' | 'senderId' | 'clientId'> & object) => {
    const seq = log.length + 1;
    log.push({ conversationId, seq, ...entry });
    const { clientId, kind, senderId: userId, text } = log.at(-1)!;
    const invokedAt = seq * 10;
    sent.push({
      ...{ device: `${userId}'s`, userId, conversationId, clientId, seq },
      kind: kind === 'message' ? 'message' : 'members',
      ...(text == null ? {} : { text }),
      attempts: attemptsAt(invokedAt, random),
    });
  };
  const users = Array.from({ length: MEMBERS }, (_, index) => `user${index}`);
  append({ kind: 'members', senderId: 'user0', clientId: 'create', ...added(users) });
  let isIn = false;
  for (let count = 0; count < 60; count += 1) {
    const clientId = `c${count}`;
    if (count % 9 === 8) {
      const change = isIn ? { action: 'removed', userIds: [GUEST] } : added([GUEST]);
      append({ kind: 'members', senderId: 'user0', clientId, ...change });
      isIn = !isIn;
    } else {
      append({ kind: 'message', senderId: random.pick(users), clientId, ...{ text: clientId } });
    }
  }
  return { log, sent };
}

const added = (userIds: readonly string[]) => ({ action: 'added', userIds });

function attemptsAt(invokedAt: number, random: Random): Attempt[] {
  const ok: Attempt = {
    connection: undefined,
    invokedAt,
    answeredAt: invokedAt + 5,
    outcome: 'ok',
  };
  const lost: Attempt = { connection: undefined, invokedAt: invokedAt - 30, outcome: 'unknown' };
  return random.next() < 0.1 ? [lost, ok] : [ok];
}

interface DeviceSource extends Pick<DeviceRecord, 'id' | 'kind' | 'userId'> {
  readonly operations: readonly Operation[];
  readonly logs: Readonly<Record<string, readonly StoredEntry[]>>;
  readonly random: Random;
}

/** A device that gets each conversation over two connections: some entries live, then some in a page or pulled, then live. */
function deviceOf({ id, kind, logs, random, userId }: DeviceSource): DeviceRecord {
  const device: DeviceRecord = {
    id,
    kind,
    userId,
    mustBeComplete: true,
    connections: [],
    views: {},
  };
  const [first, second] = [1, 2].map((number) => ({
    id: `${id} ${number}`,
    openedAt: (number - 1) * 5_000,
    closedAt: number * 4_000,
    received: [] as DeviceRecord['connections'][number]['received'],
  }));
  device.connections.push(first!, second!);
  for (const [conversationId, log] of Object.entries(logs)) {
    const spans = spansOf(log, userId);
    const visible = log.filter(({ seq }) => isVisible(spans, seq));
    const cut = random.below(visible.length);
    for (const [index, entry] of visible.entries()) {
      const received = receivedFieldsOf(entry);
      // The user has become a member again.
      const isJoin = entry.action === 'added' && entry.userIds?.includes(userId) === true;
      const connection = index < cut ? first! : second!;
      if (isJoin) connection.received.push({ via: 'added', at: entry.seq, conversationId });
      const isMissed = index >= cut && index < cut + PAGE;
      const via = isMissed ? (kind === 'plain' ? 'page' : 'pull') : 'live';
      connection.received.push({ via, at: entry.seq, ...received });
    }
    if (kind === 'common') device.views[conversationId] = visible.map(({ seq }) => seq);
  }
  return device;
}

function receivedFieldsOf({ clientId, conversationId, senderId, seq }: StoredEntry) {
  return { clientId, conversationId, senderId, seq };
}
