import type { EventName, EventPayload } from '@parley/common/contract';

/** The events of the server, by name. */
export type ServerEvents = { readonly [Name in EventName]: EventPayload<Name> };

/** What happens to the connection itself. */
export interface ConnectionEvents {
  /** Connected. Emitted before the other parts of the client get the server's event. */
  readonly ready: EventPayload<'ready'>;
  /** The connection broke, or was given up. */
  readonly lost: undefined;
  /** The session is over. */
  readonly signedOut: undefined;
}
