import type { LeaseQueueOptions } from '@parley/backend-common';
import type { Now } from '@parley/common';

/** How attachments are leased. */
export interface AttachmentLeaseOptions extends Pick<LeaseQueueOptions, 'metrics' | 'setTimer'> {
  /** Decides when leases end: the clock that also sets the times in the documents. */
  readonly now: Now;
}
