import type { ErrorCode } from '@parley/common';

/** Why the client is not connected and tries again. */
export type WaitReason =
  /** The device says that it has no network. */
  | 'offline'
  /** Nobody answers, or the connection broke. */
  | 'unreachable'
  /** The server answered that it cannot serve now (`unavailable`, `rate_limited`). */
  | 'refused'
  /** The server is being restarted and said when to come back. */
  | 'draining';

/** Where the connection stands. */
export type ConnectionState =
  /** Not started, or stopped by `stop()`. */
  | { readonly status: 'idle' }
  /** An attempt is under way; `attempt` counts from 1 since the last good connection. */
  | { readonly status: 'connecting'; readonly attempt: number }
  /** Connected. `synced` turns true when everything missed since the last time is known. */
  | { readonly status: 'online'; readonly synced: boolean }
  /** Waiting for the next attempt, which starts by itself (`retryAt`, by `client.now()`) or by `reconnect()`. */
  | {
      readonly status: 'waiting';
      readonly reason: WaitReason;
      readonly attempt: number;
      readonly retryAt: number;
    }
  /** The credentials are refused or the session has ended. The client stays away until `start()`. */
  | { readonly status: 'signed-out'; readonly code: ErrorCode };

/** Who this client is; known from the first connection on, or from the cache. */
export interface Self {
  readonly userId: string;
  /** `null` until the first connection of this process. */
  readonly sessionId: string | null;
  /** Whether the server takes files; `true` until it says otherwise. */
  readonly attachments: boolean;
}
