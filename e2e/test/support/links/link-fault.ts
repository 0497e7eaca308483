/** Bytes that go to the server, or to the client. */
export type Direction = 'toServer' | 'toClient';

/** What is wrong with a link. Everything absent is as it should be. */
export interface LinkFault {
  /** Open connections are reset, and new ones at once. */
  readonly cut?: boolean;
  /** Nothing passes in this direction, without an error: a cable that was pulled. What was sent passes later. */
  readonly blackHole?: Direction | 'both';
  /** Milliseconds that each direction takes longer. */
  readonly latencyMs?: number;
  /** Each direction passes no more. */
  readonly bytesPerSecond?: number;
  /** All connections are reset each so many milliseconds. */
  readonly resetEveryMs?: number;
  /** The part of the publishes that are lost, 0–1; only where the link understands Redis. */
  readonly lostPublishes?: number;
  /** Which connections it concerns, by what the client says first or who it is. Absent: all. */
  readonly only?: (connection: LinkConnection) => boolean;
}

/** One connection, as far as faults distinguish them. */
export interface LinkConnection {
  /** The first bytes that the client has sent. */
  readonly beginning: string;
  /** The port that the client connects from. */
  readonly clientPort: number;
}
