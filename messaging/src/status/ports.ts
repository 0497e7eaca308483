import type { PartnerEvent } from '@parley/common/contract';

/** An event about the partner of `recipientId`, for the devices of `recipientId`. */
export interface AddressedEvent {
  readonly recipientId: string;
  readonly event: PartnerEvent;
}

/**
 * Receives every event that is sent to a user, at least once: after a crash any node may send the same event again.
 * `timestamp` and `partnerId` of the event identify a repeat. The event is sent again unless the promise resolves, so
 * it must not resolve before the event is stored.
 */
export type PartnerEventListener = (addressed: AddressedEvent) => Promise<void>;
