import type { ObjectStore } from '@parley/backend-common';
import type { Now } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import type { AttachmentMetrics } from './attachment-metrics.ts';
import type { AttachmentRepository } from './attachment-repository.ts';

/** Width and height in pixels, upright. */
export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

/** Reads images. */
export interface Imaging {
  /** Size of an image, from its first bytes; `null`: they do not say it. */
  dimensions(firstBytes: Uint8Array): Promise<Dimensions | null>;
  /** A thumbnail without metadata; `null`: the image is too large or damaged. */
  thumbnail(image: Uint8Array): Promise<Uint8Array | null>;
}

/** Dependencies of every class that works with the store. */
export interface StoreDeps {
  readonly store: ObjectStore;
  readonly attachments: AttachmentRepository;
  readonly metrics: AttachmentMetrics;
  readonly now: Now;
  readonly newId: () => string;
  readonly reportFault: ReportFault;
}
