import type { ObjectStore } from '@parley/backend-common';
import type { Now } from '@parley/common';

import type { AttachmentMetrics } from './attachment-metrics.ts';
import type { AttachmentRepository } from './attachment-repository.ts';

/** Width and height in pixels, upright. */
export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

/** Reads pictures. */
export interface Imaging {
  /** What the beginning of a picture says of its size; `null` where it does not. */
  dimensions(beginning: Uint8Array): Promise<Dimensions | null>;
  /** A small picture without anything but its pixels; `null` where it is too large or broken. */
  thumbnail(picture: Uint8Array): Promise<Uint8Array | null>;
}

/** What every part that deals with files stands on. */
export interface AttachmentGround {
  readonly store: ObjectStore;
  readonly attachments: AttachmentRepository;
  readonly metrics: AttachmentMetrics;
  readonly now: Now;
  readonly newId: () => string;
  readonly onFault: (fault: string, error: unknown) => void;
}
