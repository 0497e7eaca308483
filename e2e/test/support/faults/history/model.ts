/** How one attempt of an operation ended for its client. `unknown`: it may have been carried out, or may be yet. */
export type Outcome = 'ok' | 'failed' | 'unknown';

/** One request for an operation. Times are milliseconds of one clock, from any origin. */
export interface Attempt {
  /** The connection that carried it; undefined for HTTP, and for a client that does not say. */
  readonly connection: string | undefined;
  readonly invokedAt: number;
  answeredAt?: number;
  outcome: Outcome;
  /** The error code of a refusal. */
  code?: string;
}

/** Something that a client asked to be written into a log, with every attempt. */
export interface Operation {
  readonly device: string;
  readonly userId: string;
  readonly conversationId: string;
  readonly clientId: string;
  readonly kind: 'message' | 'members';
  readonly text?: string;
  /** The `clientId` of the message that must come before. */
  readonly after?: string;
  /** Whether it has to be refused, because its sender is blocked. */
  readonly mustFail?: boolean;
  readonly attempts: Attempt[];
  /** `seq` of the answer; a change of members is answered without. */
  seq?: number;
}

/** An entry that a client received. `pull`: the client asked for it; `ack`: it is the answer to its own send. */
export interface ReceivedEntry {
  readonly via: 'live' | 'page' | 'pull' | 'ack';
  readonly at: number;
  readonly conversationId: string;
  readonly seq: number;
  readonly senderId: string;
  readonly clientId: string;
}

/** Anything else that a client received about its conversations. */
export type Notice =
  /** The answer to `sync`: all entries after `seq` arrive live. */
  | {
      readonly via: 'head';
      readonly at: number;
      readonly conversationId: string;
      readonly seq: number;
    }
  /** The server has answered that this client has everything up to `seq`. */
  | {
      readonly via: 'mark';
      readonly at: number;
      readonly conversationId: string;
      readonly seq: number;
    }
  | { readonly via: 'added' | 'removed'; readonly at: number; readonly conversationId: string }
  /** Without ids: of every conversation. */
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

/** One client: a session on a device, with one connection after the other. */
export interface DeviceRecord {
  readonly id: string;
  readonly userId: string;
  /** `common`: our client, whose connections are seen from outside. */
  readonly kind: 'plain' | 'heads' | 'common';
  /** Whether it was connected at the end and had the time to receive everything. */
  isThere: boolean;
  /** From then on it must have no connection, because its session has ended. */
  mustEndBy?: number;
  readonly connections: ConnectionRecord[];
  /** What it shows at the end, by conversation: each `seq` in the order shown. */
  readonly views: Record<string, readonly number[]>;
}

/** An entry as MongoDB has it. */
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

/** Everything that clients did and saw, and what is stored in the end. */
export interface HistoryRecord {
  readonly operations: readonly Operation[];
  readonly devices: readonly DeviceRecord[];
  /** By conversation, each sorted by `seq`. */
  readonly logs: Readonly<Record<string, readonly StoredEntry[]>>;
  readonly endedAt: number;
}

/** What can be wrong with a history. */
export const FAULT_KINDS = [
  'lost',
  'doubled',
  'reordered',
  'phantom',
  'hole',
  'afterRemoval',
  // The socket that sent an entry got it as the answer and as an event.
  'echoed',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Something that must not have happened, and how often. */
export interface Violation {
  readonly kind: FaultKind;
  readonly count: number;
  /** A sentence that names conversation, device and `seq`. */
  readonly detail: string;
}

/** Whether it is an entry and not a notice. */
export function isEntry(received: ReceivedEntry | Notice): received is ReceivedEntry {
  return 'senderId' in received;
}

/** What the server keeps unique within a conversation. */
export function keyOf({ clientId, senderId }: { senderId: string; clientId: string }): string {
  return `${senderId} ${clientId}`;
}

/** `ok` if one attempt was, `failed` only if every attempt was refused for good. */
export function outcomeOf({ attempts }: Operation): Outcome {
  if (attempts.some(({ outcome }) => outcome === 'ok')) return 'ok';
  return attempts.every(({ outcome }) => outcome === 'failed') ? 'failed' : 'unknown';
}
