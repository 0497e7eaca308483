import type { ErrorCode } from '@parley/common';
import type { OperationOutput, Partner, Status, StatusName } from '@parley/common/contract';

import type { Client } from '../client.ts';
import type { Platform } from '../core/platform.ts';
import type { Readable } from '../core/readable.ts';

/** What the partner uses of a client. */
export type PartnerClient = Pick<Client, 'connection' | 'now' | 'onEvent' | 'request'>;

/** Hand in the platform of the client. */
export interface PartnerOptions {
  /** Default: timers of the runtime. */
  readonly platform?: Partial<Pick<Platform, 'setTimeout'>>;
}

/** What is known of the user's partner. */
export type PartnerState =
  /** Not known yet. */
  | { readonly status: 'loading' }
  | { readonly status: 'none' }
  /** A status that has expired is shown as AVAILABLE, by the server's clock, even if the event was lost. */
  | { readonly status: 'linked'; readonly partner: Partner }
  /** The server refused to say; `reload()` asks again, and so does the next connection. */
  | { readonly status: 'failed'; readonly code: ErrorCode };

/** A code that another user confirms, and when it expires by the server's clock. */
export type LinkCode = OperationOutput<'link:create'>;

/** The partner, and the status of both. Actions reject with an `AppError`. */
export interface PartnerPart {
  /** Subscribing asks for it and keeps it live: it is asked for again after every `ready`. */
  readonly partner: Readable<PartnerState>;
  /** The own status on all devices; `null` until it is known. Subscribing keeps it live. */
  readonly status: Readable<Status | null>;
  /** Asks again now. Never rejects: see `partner`. */
  readonly reload: () => Promise<void>;
  /**
   * Shown at once, taken back if refused.
   * @param until when it becomes AVAILABLE by itself, by `client.now()`: 1 s to 30 days ahead;
   * `null` (default) for no end. AVAILABLE has no end.
   */
  readonly setStatus: (status: StatusName, until?: number | null) => Promise<void>;
  /** A new code; the code before becomes invalid. `already_linked` if there is a partner. */
  readonly createLinkCode: () => Promise<LinkCode>;
  /** Case, hyphens and spaces do not matter. `link_code_invalid`, `already_linked`, `rate_limited`; sent once. */
  readonly confirmLink: (linkCode: string) => Promise<Partner>;
  /** Ends the link for both. Does nothing if there is none. */
  readonly unlink: () => Promise<void>;
}
