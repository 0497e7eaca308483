import type {
  Entry,
  EventName,
  EventPayload,
  OperationCall,
  OperationName,
  OperationOutput,
  Presence,
  PublicProfile,
} from '@parley/common/contract';

import type { ConnectionState, Self } from './connection.ts';
import type { ConversationHandle, ConversationList } from './conversation.ts';
import type { Platform } from './platform.ts';
import type { Readable } from './readable.ts';
import type { Uploads, UploadsPlugin } from './uploads.ts';

/** What `createClient` needs. */
export interface ClientOptions {
  /** Origin of the server, such as `https://chat.example.org`; in a browser '' is the page's own. */
  readonly url: string;
  /**
   * The token of the next handshake: a session token, or a fresh ticket each time. Reject with an
   * `AppError` of code `unauthenticated` or `session_expired` when there is no session; any other
   * failure is tried again.
   */
  readonly credentials: () => Promise<string>;
  /** Default: memory only, no network or visibility signals. See `browserPlatform()`. */
  readonly platform?: Partial<Platform>;
  /** Path of the Socket.IO endpoint. Default `/socket.io`. */
  readonly path?: string;
  /** Asked for the profile of somebody who is in no list of members any more. */
  readonly loadProfile?: (userId: string) => Promise<PublicProfile>;
  /** Sends files: `createUploads(…)` of `@parley/client-common/uploads`. Default: only texts are sent. */
  readonly uploads?: UploadsPlugin;
  /** Largest number of entries a timeline keeps in memory. Default 2,000. */
  readonly windowEntries?: number;
}

/** How one call of `request` may differ. */
export interface RequestOptions {
  /** Milliseconds one attempt waits for its answer. Default 10 s. */
  readonly timeoutMs?: number;
  /** Attempts in all where the failure may be retried. Default 5. */
  readonly attempts?: number;
}

/** What a new group begins with. */
export interface NewGroup {
  readonly title: string;
  readonly userIds: readonly string[];
}

/** An entry that came live, for sounds and notifications. */
export interface LiveEntry {
  readonly entry: Entry;
  /** Whether this person sent it, on any device. */
  readonly own: boolean;
}

/**
 * A Parley client: one connection, everything that hangs on it, and what React binds to.
 * Make one for each signed-in person and call `start()`.
 */
export interface Client {
  readonly connection: Readable<ConnectionState>;
  readonly self: Readable<Self | null>;
  readonly conversations: Readable<ConversationList>;

  /** Shows the cache, connects, and stays connected. Also after `signed-out` with new credentials. */
  readonly start: () => void;
  /** Disconnects and stops every timer. What is unsent stays stored. */
  readonly stop: () => void;
  /** Tries to connect now instead of at the next attempt. */
  readonly reconnect: () => void;
  /** Stops and removes everything that this device stored of the person. Tell the server first. */
  readonly signOut: () => Promise<void>;

  /** The server's clock, in milliseconds since the epoch. The device clock is never trusted. */
  readonly now: () => number;

  /** The handle of a conversation, known or not. */
  readonly conversation: (conversationId: string) => ConversationHandle;
  /** Opens the direct conversation with somebody. Answers its id. */
  readonly createDirect: (userId: string) => Promise<string>;
  /** Makes a group. Answers its id. */
  readonly createGroup: (group: NewGroup) => Promise<string>;

  /** Files: sending them, and links to them; `null` where the client was made without `uploads`. */
  readonly uploads: Uploads | null;

  /** Presence of a person; watched while somebody is subscribed. */
  readonly presence: (userId: string) => Readable<Presence>;
  /** A profile, from whatever conversation it was seen in; `null` while unknown. */
  readonly profile: (userId: string) => Readable<PublicProfile | null>;

  /** Calls `listener` for each entry that comes live (not for what is pulled later). Answers how to stop. */
  readonly onEntry: (listener: (live: LiveEntry) => void) => () => void;

  /**
   * Calls `listener` for each event of the server with this name, once the client itself has taken
   * it: for what the client does not keep. After `ready` it is connected. Answers how to stop.
   */
  readonly onEvent: <Name extends EventName>(
    name: Name,
    listener: (payload: EventPayload<Name>) => void,
  ) => () => void;

  /**
   * Any operation of the contract. Waits some seconds for a connection; a failure that may be
   * retried is retried after the time the server named. Rejects with an `AppError`.
   */
  readonly request: <Name extends OperationName>(
    name: Name,
    input: OperationCall<Name>,
    options?: RequestOptions,
  ) => Promise<OperationOutput<Name>>;
}
