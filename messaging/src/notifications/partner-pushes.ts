import { LookUps } from '@parley/backend-common';

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

/** People asked for in one query at most. */
const AT_ONCE = 500;

/** Pushes what people are to hear of their partner, where nobody looks at the app. Of several the newest is shown. */
export class PartnerPushes implements PartnerNews {
  readonly #deps: PartnerPushesDeps;
  /** Thousands of statuses may end in one second: their partners share few queries. */
  readonly #withDevice: LookUps<true>;

  constructor(deps: PartnerPushesDeps) {
    this.#deps = deps;
    this.#withDevice = new LookUps({
      async read(userIds) {
        const found = await deps.devices.usersWithDevice(userIds);
        return new Map([...found].map((userId) => [userId, true] as const));
      },
      atMost: AT_ONCE,
    });
  }

  /** Resolves when the push is scheduled, or none is needed. Repeating it changes nothing. */
  async changed({ event, recipientId: userId }: PartnerNewsItem): Promise<void> {
    const { lookers, onScheduled, outbox } = this.#deps;
    if (lookers.isLookingHere(userId)) return;
    if ((await this.#withDevice.of(userId)) !== true) return;
    if ((await lookers.looking([userId]))?.has(userId) === true) return;
    const seq = event.timestamp;
    await outbox.schedule([{ userId, conversationId: null, seq, isAway: true, event }]);
    onScheduled();
  }
}
