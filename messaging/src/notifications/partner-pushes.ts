import type { DeviceRepository } from '../devices/repository.ts';
import type { OutboxRepository } from './outbox-repository.ts';
import type { PartnerNews, PartnerNewsItem } from '../partners/ports.ts';
import type { Lookers } from './ports.ts';

interface PartnerPushesDeps {
  readonly devices: Pick<DeviceRepository, 'usersWithDevice'>;
  readonly lookers: Lookers;
  readonly outbox: Pick<OutboxRepository, 'schedule'>;
  readonly onScheduled: () => void;
}

/** Pushes what people are to hear of their partner, where nobody looks at the app. Of several the newest is shown. */
export class PartnerPushes implements PartnerNews {
  readonly #deps: PartnerPushesDeps;

  constructor(deps: PartnerPushesDeps) {
    this.#deps = deps;
  }

  /** Resolves when the push is scheduled, or none is needed. Repeating it changes nothing. */
  async changed({ event, recipientId: userId }: PartnerNewsItem): Promise<void> {
    const { devices, lookers, onScheduled, outbox } = this.#deps;
    if (lookers.isLookingHere(userId)) return;
    if (!(await devices.usersWithDevice([userId])).has(userId)) return;
    if ((await lookers.looking([userId]))?.has(userId) === true) return;
    const seq = event.timestamp;
    await outbox.schedule([{ userId, conversationId: null, seq, isAway: true, event }]);
    onScheduled();
  }
}
