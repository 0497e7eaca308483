import { type ThinClient } from '../thin-client.ts';

/** Somebody who can connect. */
export interface BenchUser {
  readonly id: string;
  readonly token: string;
}

/** Somebody who is connected. */
export interface Connection {
  readonly user: BenchUser;
  readonly client: ThinClient;
}

/** Told of each message that a client gets: its conversation and its number there. */
export type OnMessage = (conversation: string, number: number) => void;

export interface Outgoing {
  readonly sender: Connection;
  readonly conversation: string;
  /** 1, 2, 3, … in each conversation. */
  readonly number: number;
  readonly text: string;
}

/** What the generator asks of a server, whatever it speaks. */
export interface Target {
  /** Whether the server promises the order of a conversation, so that another order is a fault. */
  readonly inOrder: boolean;
  /** The ways in which a client can get what it missed, the first being the one to compare. */
  readonly waysToCatchUp: readonly string[];
  /** Connects and waits for the server's welcome. */
  connect(user: BenchUser, onMessage: OnMessage): Promise<Connection>;
  /** Does what a client does after the welcome, until nothing new would pass it by. */
  settle(connection: Connection): Promise<void>;
  /** The conversation with another user, who may be away. */
  direct(sender: Connection, other: BenchUser): Promise<string>;
  /** A new conversation of the owner with the members, all of whom are connected. */
  group(owner: Connection, members: readonly Connection[]): Promise<string>;
  /** Sends; `onAnswer` gets a word for the reason if the message was refused. */
  send(message: Outgoing, onAnswer: (refusal: string | undefined) => void): void;
  /** Connects a user and resolves when everything that the user missed has come. */
  catchUp(user: BenchUser, way: string, onMessage: OnMessage): Promise<Connection>;
}
