import type { ErrorCode } from '@parley/common';
import type {
  Delivery,
  Device as RegisteredDevice,
  OperationOutput,
  Partner,
  Platform as DeviceKind,
  Status,
  StatusName,
} from '@parley/common/contract';

import type { Platform } from '../core/platform.ts';
import type { Readable } from '../core/readable.ts';

/** What the parts beside the core need; hand in the platform that the client has. */
export interface PartOptions {
  /** Default: timers of the runtime, always in the foreground. */
  readonly platform?: Partial<Platform>;
}

/** What is known of the one person that somebody is linked with. */
export type PartnerState =
  /** Not known yet. */
  | { readonly status: 'loading' }
  | { readonly status: 'none' }
  /** A status that is over is shown as AVAILABLE, by the server's clock, whether or not its end was heard. */
  | { readonly status: 'linked'; readonly partner: Partner }
  /** It could not be asked for; `reload()` tries again, and so does the next connection. */
  | { readonly status: 'failed'; readonly code: ErrorCode };

/** A code to be confirmed by somebody else, and when it ends by the server's clock. */
export type LinkCode = OperationOutput<'link:create'>;

/** The partner, and what the two say of themselves. Actions reject with an `AppError`. */
export interface PartnerPart {
  /** Subscribing asks for it, and keeps it live: asked again after every `ready`. */
  readonly partner: Readable<PartnerState>;
  /** The own status on all devices; `null` until it is known. Subscribing keeps it live. */
  readonly status: Readable<Status | null>;
  /** Asks again now. Never rejects: see `partner`. */
  readonly reload: () => Promise<void>;
  /**
   * Shown at once, taken back if refused.
   * @param until when it becomes AVAILABLE by itself, by `client.now()`: 1 s to 30 days ahead;
   * `null` (default) for as long as nothing else is said. AVAILABLE has no end.
   */
  readonly setStatus: (status: StatusName, until?: number | null) => Promise<void>;
  /** A new code; it ends the one before. `already_linked` where there is a partner. */
  readonly createLinkCode: () => Promise<LinkCode>;
  /** Case, hyphens and spaces do not matter. `link_code_invalid`, `already_linked`, `rate_limited`; asked once. */
  readonly confirmLink: (linkCode: string) => Promise<Partner>;
  /** Ends the link for both. Does nothing where there is none. */
  readonly unlink: () => Promise<void>;
}

/** Somebody who is blocked, and since when. */
export type Block = OperationOutput<'block:list'>['blocks'][number];

/** Whom somebody has blocked. */
export interface BlockList {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly blocks: readonly Block[];
}

/** The blocks of a person. */
export interface BlocksPart {
  /** Subscribing asks for them, again after every `ready`. */
  readonly list: Readable<BlockList>;
  readonly reload: () => Promise<void>;
  /** Shown at once, taken back if refused. */
  readonly block: (userId: string) => Promise<void>;
  /** Shown at once, taken back if refused. */
  readonly unblock: (userId: string) => Promise<void>;
}

/** Where pushes go: what Firebase calls this app on this device. */
export interface PushToken {
  readonly token: string;
  readonly platform: DeviceKind;
}

/** This device: whether somebody looks at the app, and where pushes go. */
export interface DevicePart {
  /** Says after every `ready` and with every change whether the app is in the foreground. Answers how to stop. */
  readonly start: () => () => void;
  /**
   * Registers for pushes, `null`: ends that. What fails for want of a connection is done with the next one.
   * A device ends with its session.
   */
  readonly setToken: (token: PushToken | null) => Promise<void>;
  /** The device as the server has it; `null` while it has none or this is not known. */
  readonly registered: Readable<RegisteredDevice | null>;
}

/** What became of an own message. */
export type DeliveryState =
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly delivery: Delivery }
  | { readonly status: 'failed'; readonly code: ErrorCode };

/** Which message is asked about. */
export interface MessageAddress {
  readonly conversationId: string;
  readonly messageId: string;
}
