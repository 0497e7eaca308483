import { BatchLoader } from '@parley/backend-common';

import type { DeviceRepository } from '../devices/repository.ts';
import type { AddressedEvent } from '../status/ports.ts';
import type { OutboxRepository } from './outbox/outbox-repository.ts';
import type { ForegroundUsers } from './ports.ts';

interface PartnerPushesDeps {
  readonly devices: Pick<DeviceRepository, 'usersWithDevice'>;
  readonly foreground: ForegroundUsers;
  readonly outbox: Pick<OutboxRepository, 'schedule'>;
  readonly onScheduled: () => void;
}

/** Users in one query at most. */
const BATCH = 500;

/** Schedules pushes of partner events for users without a device in the foreground. Only the newest event is shown. */
export class PartnerPushes {
  readonly #deps: PartnerPushesDeps;
  /** Thousands of statuses may expire in one second: the look-ups of their partners share a few queries. */
  readonly #withDevice: BatchLoader<true>;

  constructor(deps: PartnerPushesDeps) {
    this.#deps = deps;
    this.#withDevice = new BatchLoader({
      async read(userIds) {
        const found = await deps.devices.usersWithDevice(userIds);
        return new Map([...found].map((userId) => [userId, true] as const));
      },
      maxBatchSize: BATCH,
    });
  }

  /** Resolves when the push is scheduled, or if none is needed. Idempotent. */
  async schedule({ event, recipientId: userId }: AddressedEvent): Promise<void> {
    const { foreground, onScheduled, outbox } = this.#deps;
    if (foreground.isInForegroundHere(userId)) return;
    if ((await this.#withDevice.load(userId)) !== true) return;
    if ((await foreground.inForeground([userId]))?.has(userId) === true) return;
    const seq = event.timestamp;
    await outbox.schedule([{ userId, conversationId: null, seq, isAway: true, event }]);
    onScheduled();
  }
}
