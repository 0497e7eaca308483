import type {
  Attempt,
  ConnectionRecord,
  DeviceRecord,
  HistoryRecord,
  Notice,
  Operation,
  ReceivedEntry,
  StoredEntry,
} from './model.ts';

/** An operation as its client begins it. */
export type Invocation = Omit<Operation, 'attempts' | 'seq'>;

/** How an attempt ended. */
export type Answer = Pick<Attempt, 'outcome' | 'code'> & { readonly seq?: number };

/** The recorded fields of an entry that a client receives. */
export type WireEntry = Pick<ReceivedEntry, 'conversationId' | 'seq' | 'senderId' | 'clientId'>;

type WithoutTime<Of> = Of extends unknown ? Omit<Of, 'at'> : never;

/** Records what all clients do and receive, by one clock. */
export class History {
  readonly #operations: Operation[] = [];
  readonly #devices: DeviceRecord[] = [];
  readonly #now: () => number;
  #connections = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get operations(): readonly Operation[] {
    return this.#operations;
  }

  get devices(): readonly DeviceRecord[] {
    return this.#devices;
  }

  /** Adds a client. It has to receive everything, unless `mustBeComplete` is set to false. */
  device(fields: Pick<DeviceRecord, 'id' | 'userId' | 'kind'>): DeviceRecord {
    const device: DeviceRecord = { ...fields, mustBeComplete: true, connections: [], views: {} };
    this.#devices.push(device);
    return device;
  }

  connect(device: DeviceRecord): ConnectionRecord {
    this.#connections += 1;
    const id = `connection ${this.#connections}`;
    const connection: ConnectionRecord = { id, openedAt: this.#now(), received: [] };
    device.connections.push(connection);
    return connection;
  }

  disconnect(connection: ConnectionRecord): void {
    connection.closedAt ??= this.#now();
  }

  entry(connection: ConnectionRecord, via: ReceivedEntry['via'], entry: WireEntry): void {
    const { clientId, conversationId, senderId, seq } = entry;
    connection.received.push({ via, at: this.#now(), conversationId, seq, senderId, clientId });
  }

  notice(connection: ConnectionRecord, notice: WithoutTime<Notice>): void {
    connection.received.push({ ...notice, at: this.#now() });
  }

  operation(invocation: Invocation): Operation {
    const operation: Operation = { ...invocation, attempts: [] };
    this.#operations.push(operation);
    return operation;
  }

  /** Begins an attempt. Until it is answered, its outcome is unknown. */
  attempt(operation: Operation, connection: ConnectionRecord | undefined): Attempt {
    const attempt: Attempt = {
      connection: connection?.id,
      invokedAt: this.#now(),
      outcome: 'unknown',
    };
    operation.attempts.push(attempt);
    return attempt;
  }

  answer(operation: Operation, attempt: Attempt, { code, outcome, seq }: Answer): void {
    attempt.outcome = outcome;
    attempt.answeredAt = this.#now();
    if (code !== undefined) attempt.code = code;
    if (seq !== undefined) operation.seq = seq;
  }

  /** Everything that was recorded, with the stored entries. */
  record(entries: readonly StoredEntry[]): HistoryRecord {
    const logs: Record<string, StoredEntry[]> = {};
    for (const entry of entries) (logs[entry.conversationId] ??= []).push(entry);
    for (const log of Object.values(logs)) log.sort((one, other) => one.seq - other.seq);
    const { operations, devices } = this;
    return { operations, devices, logs, endedAt: this.#now() };
  }
}
