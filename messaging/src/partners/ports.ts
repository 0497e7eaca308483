import type { PartnerEvent } from '@parley/common/contract';

/** Something a person hears of the partner. */
export interface PartnerNewsItem {
  readonly recipientId: string;
  readonly event: PartnerEvent;
}

/**
 * Learns of every event that goes to a person, at least once: after a crash the same event comes again, on any node.
 * `timestamp` and `partnerId` of the event tell a repeat.
 */
export interface PartnerNews {
  /** Resolves when it is safe with the one who learns of it; what rejects comes again. */
  changed(news: PartnerNewsItem): Promise<void>;
}
