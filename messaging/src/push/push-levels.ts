import { Periodic, type PeriodicMetrics } from '@parley/backend-common';
import { SECOND } from '@parley/common';

import type { DeviceRepository } from '../devices/repository.ts';
import type { ReportFault } from '../faults.ts';
import type { OutboxRepository } from './outbox/outbox-repository.ts';

interface PushLevelsDeps {
  readonly devices: Pick<DeviceRepository, 'count'>;
  readonly outbox: Pick<OutboxRepository, 'waiting'>;
  readonly periodicMetrics: PeriodicMetrics;
  readonly reportFault: ReportFault;
}

const EVERY = 15 * SECOND;
const COUNTED_TO = 10_000;

/** Counts waiting pushes and devices periodically, so that scraping the metrics causes no queries. */
export class PushLevels {
  waiting = 0;
  devices = 0;
  readonly #deps: PushLevelsDeps;
  readonly #counting: Periodic;

  constructor(deps: PushLevelsDeps) {
    this.#deps = deps;
    this.#counting = new Periodic({
      ...{ name: 'push_levels', every: EVERY, metrics: deps.periodicMetrics },
      run: () => this.#count(),
      onFault: (error) => deps.reportFault('push_count_failed', error),
    });
  }

  start(): void {
    this.#counting.start();
  }

  /** Waits for the count in progress. */
  stop(): Promise<void> {
    return this.#counting.stop();
  }

  async #count(): Promise<void> {
    this.waiting = await this.#deps.outbox.waiting(COUNTED_TO);
    this.devices = await this.#deps.devices.count();
  }
}
