import { type ThinClient } from '../thin-client.ts';

/** A user who can connect. */
export interface BenchUser {
  readonly id: string;
  readonly token: string;
}

/** A connected user. */
export interface Connection {
  readonly user: BenchUser;
  readonly client: ThinClient;
}

/** Called for each message that a client receives, with its conversation and its number in it. */
export type OnMessage = (conversation: string, number: number) => void;

export interface Outgoing {
  readonly sender: Connection;
  readonly conversation: string;
  /** 1, 2, 3, … in each conversation. */
  readonly number: number;
  readonly text: string;
}

/** What the generator needs of a server, independent of its protocol. */
export interface Target {
  /** Whether the server promises the order within a conversation; if so, another order is a fault. */
  readonly inOrder: boolean;
  /** The ways in which a client can receive what it missed. The first one is compared with other servers. */
  readonly waysToCatchUp: readonly string[];
  /** Connects and waits for the server's welcome. */
  connect(user: BenchUser, onMessage: OnMessage): Promise<Connection>;
  /** Does what a client does after the welcome, until it receives all new messages. */
  settle(connection: Connection): Promise<void>;
  /** The conversation with another user, who may be offline. */
  direct(sender: Connection, other: BenchUser): Promise<string>;
  /** A new conversation of the owner and the members, who are all connected. */
  group(owner: Connection, members: readonly Connection[]): Promise<string>;
  /** Sends a message; `onAnswer` gets the reason if it was refused. */
  send(message: Outgoing, onAnswer: (refusal: string | undefined) => void): void;
  /** Connects a user, and resolves when everything that the user missed has arrived. */
  catchUp(user: BenchUser, way: string, onMessage: OnMessage): Promise<Connection>;
}
