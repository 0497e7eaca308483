/** The direction in which bytes are sent. */
export type Direction = 'toServer' | 'toClient';

/** How a link is broken. What is absent works normally. */
export interface LinkFault {
  /** Open connections are reset, and new ones as soon as they are accepted. */
  readonly cut?: boolean;
  /** Nothing passes in this direction, and no error is reported, as with an unplugged cable. What was sent passes later. */
  readonly blackHole?: Direction | 'both';
  /** Additional milliseconds for each direction. */
  readonly latencyMs?: number;
  /** The limit for each direction of a connection. */
  readonly bytesPerSecond?: number;
  /** All connections are reset at this interval, in milliseconds. */
  readonly resetEveryMs?: number;
  /** The share of publishes that are lost, 0–1. Only a link to Redis supports it. */
  readonly lostPublishes?: number;
  /** Selects the connections that are broken. Absent: all. */
  readonly only?: (connection: LinkConnection) => boolean;
}

/** What identifies a connection. */
export interface LinkConnection {
  /** The first bytes that the client has sent. */
  readonly beginning: string;
  /** The port that the client connects from. */
  readonly clientPort: number;
}
