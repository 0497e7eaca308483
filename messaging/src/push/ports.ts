import type { Platform } from '@parley/common/contract';

/** The content of a push, independent of the platform. */
export interface PushContent {
  /** Data for the app. Every device receives all of it. */
  readonly data: Readonly<Record<string, string>>;
  /** The notification that is shown. Absent: the app receives only `data`, silently. */
  readonly shown?: { readonly title: string; readonly body: string };
  /** A notification replaces an earlier one with the same tag. At most 64 bytes. */
  readonly tag: string;
}

/** A push to one device. */
export interface Push {
  readonly deviceId: string;
  readonly token: string;
  readonly platform: Platform;
  readonly content: PushContent;
}

/** The outcome of one push. */
export type PushOutcome =
  | { readonly kind: 'sent' }
  /** The server cannot send pushes; this one was logged. */
  | { readonly kind: 'logged' }
  /** Firebase does not know the token, or no longer knows it. */
  | { readonly kind: 'dead' }
  /** A retry may succeed, not before `retryAfterMs` if that is given. */
  | { readonly kind: 'later'; readonly code: string; readonly retryAfterMs?: number }
  /** Rejected for good: a retry would be rejected too. */
  | { readonly kind: 'refused'; readonly code: string };

/** Sends pushes. */
export interface PushSender {
  /** Whether pushes reach devices; `false` if they are only logged. */
  readonly isConfigured: boolean;
  /** Never rejects. */
  send(push: Push): Promise<PushOutcome>;
  close(): Promise<void>;
}

/** Which users block each other. */
export interface PushBlocks {
  /** Those of `others` whom the user blocks or who block the user. */
  among(userId: string, others: readonly string[]): Promise<Pick<ReadonlySet<string>, 'has'>>;
}

/** Which users have a device with the app in the foreground. */
export interface ForegroundUsers {
  /** Those of the users who have one on any node; `null` while that is unknown. */
  inForeground(userIds: readonly string[]): Promise<ReadonlySet<string> | null>;
  /** Whether the user has one connected to this node. */
  isInForegroundHere(userId: string): boolean;
}
