import type { DeviceRecord } from '../history/model.ts';
import type { TestUser } from './test-user.ts';

/** A message to send. */
export interface Outgoing {
  readonly conversationId: string;
  readonly text: string;
  /** Whether it names the message before it as its predecessor (`after`), if the client supports that. */
  readonly isChained?: boolean;
  /** Whether the server has to refuse it. */
  readonly mustFail?: boolean;
}

/** A part of a log, both ends included. */
export interface Range {
  readonly conversationId: string;
  readonly from: number;
  readonly to: number;
}

/** A client of the workload. It records what it does and receives, and reconnects as a real client does. */
export interface ChatClient {
  readonly user: TestUser;
  readonly record: DeviceRecord;
  readonly isConnected: boolean;
  connect(): void;
  /** Disconnects it for good. */
  close(): void;
  /** Ends the connection as if the process were killed. The client connects again. */
  cut(): void;
  /** Begins to show a conversation, if the client shows any. */
  open(conversationId: string): void;
  /** Sends the message until it is answered. Resolves then, or when the client is closed. */
  send(message: Outgoing): Promise<void>;
  /** The `seq`s of a range that it has not received. */
  missing(range: Range): readonly number[];
  /** Records what it shows now. */
  recordView(): void;
}
