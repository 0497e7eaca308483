import type { ErrorCode } from '@parley/common';

/** Why the client is not connected and tries again. */
export type WaitReason =
  /** The device reports that it has no network. */
  | 'offline'
  /** The server does not answer, or the connection broke. */
  | 'unreachable'
  /** The server answers, but something in between lets no WebSocket through, and the server allows nothing else. */
  | 'blocked'
  /** The server answered that it cannot serve now (`unavailable`, `rate_limited`). */
  | 'refused'
  /** The server is restarting and named the time to reconnect. */
  | 'draining';

/** The state of the connection. */
export type ConnectionState =
  /** Not started, or stopped by `stop()`. */
  | { readonly status: 'idle' }
  /** An attempt is in progress; `attempt` counts from 1 since the last good connection. */
  | { readonly status: 'connecting'; readonly attempt: number }
  /** Connected. `synced` turns true when everything missed since the last connection is known. */
  | { readonly status: 'online'; readonly synced: boolean }
  /** Waiting for the next attempt, which starts by itself (`retryAt`, by `client.now()`) or by `reconnect()`. */
  | {
      readonly status: 'waiting';
      readonly reason: WaitReason;
      readonly attempt: number;
      readonly retryAt: number;
    }
  /** The credentials are refused or the session has ended. The client stays disconnected until `start()`. */
  | { readonly status: 'signed-out'; readonly code: ErrorCode };
