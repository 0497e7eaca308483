import { LIMITS, SECOND } from '@parley/common';

import type { ClientSocket } from '../server/socket.ts';

type Connection = ClientSocket['conn'];

/** Recognises clients that do not read what is sent to them. */
export interface ReadingCheck {
  /** Asked about every open connection once a second. */
  hasStoppedReading(connection: Connection): boolean;
}

/** The tuned way: counts the bytes that are held for a client, those in the queue of Engine.IO included. */
export class QueuedBytes implements ReadingCheck {
  hasStoppedReading(connection: Connection): boolean {
    return queuedBytes(connection) > LIMITS.outboundBufferBytes;
  }
}

function queuedBytes(connection: Connection): number {
  // Private: Engine.IO keeps packets here while the transport is busy.
  const { writeBuffer } = connection as unknown as { writeBuffer: readonly { data?: unknown }[] };
  let bytes = connection.request.socket.writableLength;
  for (const { data } of writeBuffer) {
    bytes += typeof data === 'string' ? data.length : 0;
  }
  return bytes;
}

/** Milliseconds in which a client takes at least one byte while some wait for it. */
const PATIENCE = 10 * SECOND;

/** How far a client had read, and since when. */
interface Progress {
  readonly taken: number;
  readonly since: number;
}

/**
 * The plain way: a client has stopped reading when the network took nothing of what waits for 10 s. It knows nothing
 * of the queue of Engine.IO, so what is held for such a client until then has no bound but its own requests.
 */
export class StalledReads implements ReadingCheck {
  readonly #monotonic: () => number;
  readonly #progress = new WeakMap<Connection, Progress>();

  /** @param monotonic - milliseconds of a clock that is never set back */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  hasStoppedReading(connection: Connection): boolean {
    const { bytesWritten, writableLength } = connection.request.socket;
    const taken = bytesWritten - writableLength;
    const now = this.#monotonic();
    const before = this.#progress.get(connection);
    if (writableLength > 0 && before?.taken === taken) return now - before.since >= PATIENCE;
    this.#progress.set(connection, { taken, since: now });
    return false;
  }
}
