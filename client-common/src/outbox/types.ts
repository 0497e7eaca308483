import type { ErrorCode } from '@parley/common';

import type { UploadProgress } from '../attachments/types.ts';

/** The delivery state of an own message. Messages of others have none (`null`). */
export type Delivery =
  /**
   * `sending`: kept on this device until the server has stored it. `saving`: on its way too, but not kept
   * yet, because the store is slow or full or the user is not known: lost if the app ends now.
   * `cancellable`: `discard` still removes it.
   */
  | {
      readonly state: 'saving' | 'sending';
      readonly cancellable: boolean;
      /** How much of its file is uploaded; absent without a file, and once it is uploaded. */
      readonly upload?: UploadProgress;
    }
  /** Stored by the server. */
  | { readonly state: 'sent' }
  /** Every other current member has it on a device. */
  | { readonly state: 'delivered' }
  /** Every other current member has read it. */
  | { readonly state: 'read' }
  /** Refused for good. `retry` sends it again, `discard` removes it. */
  | { readonly state: 'failed'; readonly code: ErrorCode; readonly message: string };
