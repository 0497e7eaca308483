/** How one attempt of an operation ended for its client. `unknown`: it may have been carried out, or may still be. */
export type Outcome = 'ok' | 'failed' | 'unknown';

/** One request of an operation. All times are milliseconds of one monotonic clock. */
export interface Attempt {
  /** The connection that it was sent over; undefined for HTTP and for our own client. */
  readonly connection: string | undefined;
  readonly invokedAt: number;
  answeredAt?: number;
  outcome: Outcome;
  /** The error code of a refusal. */
  code?: string;
}

/** A request to append an entry to a log, with every attempt. */
export interface Operation {
  readonly device: string;
  readonly userId: string;
  readonly conversationId: string;
  readonly clientId: string;
  readonly kind: 'message' | 'members';
  readonly text?: string;
  /** The `clientId` of the message that must precede it. */
  readonly after?: string;
  /** Whether the server must refuse it, because its sender is blocked. */
  readonly mustFail?: boolean;
  readonly attempts: Attempt[];
  /** `seq` of the answer. The answer to a change of members has none. */
  seq?: number;
}

/** An entry that a client received. `pull`: the client requested it; `ack`: it is the answer to the client's own send. */
export interface ReceivedEntry {
  readonly via: 'live' | 'page' | 'pull' | 'ack';
  readonly at: number;
  readonly conversationId: string;
  readonly seq: number;
  readonly senderId: string;
  readonly clientId: string;
}

/** Something else that a client received about its conversations. */
export type Notice =
  /** The answer to `sync`: all entries after `seq` arrive live. */
  | {
      readonly via: 'head';
      readonly at: number;
      readonly conversationId: string;
      readonly seq: number;
    }
  /** The delivered mark that the server has acknowledged. */
  | {
      readonly via: 'mark';
      readonly at: number;
      readonly conversationId: string;
      readonly seq: number;
    }
  | { readonly via: 'added' | 'removed'; readonly at: number; readonly conversationId: string }
  /** Without ids, it concerns every conversation. */
  | {
      readonly via: 'resync';
      readonly at: number;
      readonly conversationIds?: readonly string[] | undefined;
    };

/** What a connection received, in the order of arrival. */
export interface ConnectionRecord {
  readonly id: string;
  readonly openedAt: number;
  closedAt?: number;
  readonly received: (ReceivedEntry | Notice)[];
}

/** One client: a session on a device, with its connections one after the other. */
export interface DeviceRecord {
  readonly id: string;
  readonly userId: string;
  /** `common`: our own client. Its connections are known only from its events. */
  readonly kind: 'plain' | 'heads' | 'common';
  /** Whether it must have received everything at the end; false once its session was ended. */
  mustBeComplete: boolean;
  /** From then on it must have no connection, because its session was ended. */
  mustEndBy?: number;
  readonly connections: ConnectionRecord[];
  /** What it shows at the end, by conversation: each `seq` in the displayed order. */
  readonly views: Record<string, readonly number[]>;
}

/** An entry as it is stored in MongoDB. */
export interface StoredEntry {
  readonly conversationId: string;
  readonly seq: number;
  readonly kind: string;
  readonly senderId: string;
  readonly clientId: string;
  readonly text?: string | null;
  readonly action?: 'added' | 'removed' | 'left' | 'role';
  readonly userIds?: readonly string[];
}

/** Everything that clients did and received, and what is stored at the end. */
export interface HistoryRecord {
  readonly operations: readonly Operation[];
  readonly devices: readonly DeviceRecord[];
  /** By conversation, each sorted by `seq`. */
  readonly logs: Readonly<Record<string, readonly StoredEntry[]>>;
  readonly endedAt: number;
}

/** The kinds of violations. */
export const FAULT_KINDS = [
  'lost',
  'duplicated',
  'reordered',
  'phantom',
  'gap',
  'afterRemoval',
  // The socket that sent an entry received it as the answer and as an event.
  'echoed',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Something that must not have happened, and its number. */
export interface Violation {
  readonly kind: FaultKind;
  readonly count: number;
  /** A sentence with the conversation, the device and the `seq`. */
  readonly detail: string;
}

/** Whether it is an entry. */
export function isEntry(received: ReceivedEntry | Notice): received is ReceivedEntry {
  return 'senderId' in received;
}

/** What the server keeps unique within a conversation. */
export function keyOf({ clientId, senderId }: { senderId: string; clientId: string }): string {
  return `${senderId} ${clientId}`;
}

/** `ok` if one attempt was, `failed` only if every attempt was refused finally. */
export function outcomeOf({ attempts }: Operation): Outcome {
  if (attempts.some(({ outcome }) => outcome === 'ok')) return 'ok';
  return attempts.every(({ outcome }) => outcome === 'failed') ? 'failed' : 'unknown';
}
