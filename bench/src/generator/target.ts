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

/** Called for each message that a client receives, with its conversation and its number in the flow of its sender. */
export type OnMessage = (conversation: string, number: number, senderId?: string) => void;

export interface Outgoing {
  readonly sender: Connection;
  readonly conversation: string;
  /** 1, 2, 3, … of each sender in each conversation. */
  readonly number: number;
  readonly text: string;
}

/** The URL of a node. @throws RangeError if there is no such node */
export function urlOf(urls: readonly string[], node: number): string {
  const url = urls[node];
  if (url === undefined) throw new RangeError(`There is no node ${node}`);
  return url;
}

/** What the generator needs of a server, independent of its protocol. */
export interface Target {
  /** Whether the server promises the order within a conversation; if so, another order is a fault. */
  readonly inOrder: boolean;
  /** The ways in which a client can receive what it missed. The first one is compared with other servers. */
  readonly waysToCatchUp: readonly string[];
  /** Connects to a node (the first by default) and waits for its welcome. */
  connect(user: BenchUser, onMessage: OnMessage, node?: number): Promise<Connection>;
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
