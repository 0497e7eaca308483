import type { ErrorCode } from '@parley/common';
import type { Delivery } from '@parley/common/contract';

import type { Client } from '../client.ts';
import type { Platform } from '../core/platform.ts';

/** What delivery reports use of a client. */
export type DeliveryClient = Pick<Client, 'connection' | 'onEvent' | 'request'>;

/** Hand in the platform of the client. */
export interface DeliveryOptions {
  /** Default: timers of the runtime. */
  readonly platform?: Partial<Pick<Platform, 'setTimeout'>>;
}

/** The delivery report of an own message. */
export type DeliveryState =
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly delivery: Delivery }
  | { readonly status: 'failed'; readonly code: ErrorCode };

/** The message that is asked about. */
export interface MessageAddress {
  readonly conversationId: string;
  readonly messageId: string;
}
