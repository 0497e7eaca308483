import type { DeviceRecord } from '../history/model.ts';
import type { Person } from './person.ts';

/** A message to send. */
export interface Outgoing {
  readonly conversationId: string;
  readonly text: string;
  /** Sent with the `clientId` of the message before, if the client does that. */
  readonly isChained?: boolean;
  readonly mustFail?: boolean;
}

/** The part of a log that a client must have. */
export interface Range {
  readonly conversationId: string;
  readonly from: number;
  readonly to: number;
}

/** A client of a test: records what it does and receives, and stays connected as a real one does. */
export interface ChatClient {
  readonly person: Person;
  readonly record: DeviceRecord;
  readonly isConnected: boolean;
  connect(): void;
  /** Ends it for good. */
  close(): void;
  /** Loses the connection as if the process were killed; the client connects again. */
  cut(): void;
  /** Begins to show a conversation. */
  open(conversationId: string): void;
  /** Repeats the message until it is answered. Resolves then, and when the client is closed. */
  send(message: Outgoing): Promise<void>;
  /** How many entries of a range it has not received. */
  lacks(range: Range): number;
  /** Notes what it shows now. */
  look(): void;
}
