import type { Platform } from '@parley/common/contract';

/** What a push says, whatever the platform. Everything in `data` reaches the app; the rest is shown. */
export interface PushContent {
  readonly data: Readonly<Record<string, string>>;
  /** Absent: nothing is shown; the app is only told. */
  readonly shown?: { readonly title: string; readonly body: string };
  /** What replaces what: of pushes with the same tag a person sees the newest. At most 64 bytes. */
  readonly tag: string;
}

/** A push to one device. */
export interface Push {
  readonly deviceId: string;
  readonly token: string;
  readonly platform: Platform;
  readonly content: PushContent;
}

/** What became of one push. */
export type PushOutcome =
  | { readonly kind: 'sent' }
  /** This server has no way to send it; it was logged. */
  | { readonly kind: 'logged' }
  /** Firebase knows the token no more, or never did. */
  | { readonly kind: 'dead' }
  /** It may be taken later, not before `retryAfterMs` where that is said. */
  | { readonly kind: 'later'; readonly code: string; readonly retryAfterMs?: number }
  /** It is not taken, now or later. */
  | { readonly kind: 'refused'; readonly code: string };

/** Hands pushes on. Never throws. */
export interface PushSender {
  /** Whether what is sent reaches devices. */
  readonly reaches: boolean;
  send(push: Push): Promise<PushOutcome>;
  close(): Promise<void>;
}

/** Who must not reach whom. */
export interface PushBlocks {
  /** Those of `others` who are blocked by the person, or have blocked it. */
  among(userId: string, others: readonly string[]): Promise<Pick<ReadonlySet<string>, 'has'>>;
}

/** Whether people look at the app. */
export interface Lookers {
  /** Those of these people who have a device in the foreground, on any node; `null` while nobody can tell. */
  looking(userIds: readonly string[]): Promise<ReadonlySet<string> | null>;
  /** Whether a person has one on this node. */
  isLookingHere(userId: string): boolean;
}
