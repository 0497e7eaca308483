import type {
  EventName,
  EventPayload,
  OperationCall,
  OperationName,
  OperationOutput,
  Presence,
  PublicProfile,
} from '@parley/common/contract';

import type { ConversationHandle, ConversationList, LiveEntry } from './conversations/types.ts';
import type { ConnectionState } from './core/connection-state.ts';
import type { Platform } from './core/platform.ts';
import type { Readable } from './core/readable.ts';
import type { RequestOptions } from './core/requests.ts';
import type { Self } from './core/self.ts';
import type { ConnectionOptions } from './core/socket.ts';
import type { LoadProfile } from './people/profiles.ts';
import type { Uploads, UploadsPlugin } from './uploads/types.ts';

/** What `createClient` needs. */
export interface ClientOptions extends ConnectionOptions {
  /**
   * Id of the user, if the app knows it (the answer to a login has it). Then what is written before the
   * first connection is kept at once, and nothing of an earlier user is shown. Default: the user of the last time.
   */
  readonly userId?: string;
  /** Default: memory only, no network or visibility signals. See `browserPlatform()`. */
  readonly platform?: Partial<Platform>;
  /** Loads the profile of a user who is in no list of members any more. */
  readonly loadProfile?: LoadProfile;
  /** Sends files: `createUploads(…)` of `@parley/client-common/uploads`. Default: only texts are sent. */
  readonly uploads?: UploadsPlugin;
  /** Largest number of entries a timeline keeps in memory. Default 2,000. */
  readonly windowEntries?: number;
}

/** The fields of a new group. */
export interface NewGroup {
  readonly title: string;
  readonly userIds: readonly string[];
}

/**
 * A Parley client: one connection, everything that hangs on it, and what React binds to.
 * Make one for each signed-in user and call `start()`.
 */
export interface Client {
  readonly connection: Readable<ConnectionState>;
  readonly self: Readable<Self | null>;
  readonly conversations: Readable<ConversationList>;

  /**
   * Whether the device has no room for something that the user wrote and that is not sent: it is lost if the app ends
   * now, so the app should say so, and ask before it ends.
   */
  readonly isLosing: Readable<boolean>;

  /** Shows the cache, connects, and stays connected. Also after `signed-out` with new credentials. */
  readonly start: () => void;
  /** Disconnects and stops every timer. What is unsent stays stored. */
  readonly stop: () => void;
  /** Tries to connect now instead of at the next attempt. */
  readonly reconnect: () => void;
  /** Stops and removes everything that this device keeps of the user. End the session at the server first. */
  readonly signOut: () => Promise<void>;

  /** The server's clock, in milliseconds since the epoch. The device clock is never trusted. */
  readonly now: () => number;

  /** The handle of a conversation, known or not. */
  readonly conversation: (conversationId: string) => ConversationHandle;
  /** Opens the direct conversation with a user. Resolves to its id. */
  readonly createDirect: (userId: string) => Promise<string>;
  /** Creates a group. Resolves to its id. */
  readonly createGroup: (group: NewGroup) => Promise<string>;

  /** Files: sending them, and links to them; `null` if the client was made without `uploads`. */
  readonly uploads: Uploads | null;

  /** Presence of a user; watched while it has subscribers. */
  readonly presence: (userId: string) => Readable<Presence>;
  /** A profile, from whatever conversation it was seen in; `null` while unknown. */
  readonly profile: (userId: string) => Readable<PublicProfile | null>;

  /** Calls `listener` for each entry that arrives live (not for fetched ones). Returns the function that unsubscribes. */
  readonly onEntry: (listener: (live: LiveEntry) => void) => () => void;

  /**
   * Calls `listener` for each event of the server with this name, after the client itself has
   * handled it: for what the client does not keep. After `ready` it is connected. Returns the function that unsubscribes.
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
