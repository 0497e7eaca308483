import type { Logger } from '@parley/backend-common';
import { SECOND } from '@parley/common';

import type { LinkState } from '../../transport/cluster/link-state.ts';
import type { FollowerMetrics } from './follower-metrics.ts';
import { StreamReader, type StreamReaderDeps } from './stream-reader.ts';

interface LogFollowerDeps extends StreamReaderDeps {
  readonly link: LinkState;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly metrics: FollowerMetrics;
}

/** Cluster events may have been lost for this long (milliseconds) before the link is known to be down. */
const UNNOTICED = 15 * SECOND;
/** Milliseconds that the link must be up before the change stream is closed. */
const LINGER = 5 * SECOND;

/**
 * Reads the entries of other nodes from the change stream of MongoDB while cluster events do not arrive. It begins with
 * entries that were stored before the link was known to be down; deliveries drop those that they have sent.
 */
export class LogFollower {
  readonly #deps: LogFollowerDeps;
  #isStarted = false;
  #reader: StreamReader | undefined;
  /** The number of changes of the link. */
  #changes = 0;

  constructor(deps: LogFollowerDeps) {
    this.#deps = deps;
    deps.link.subscribe((isUp) => {
      if (this.#isStarted) this.#changed(isUp);
    });
  }

  start(): void {
    this.#isStarted = true;
    if (!this.#deps.link.isUp) this.#changed(false);
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    this.#changes += 1;
    await this.#reader?.stop();
  }

  #changed(isUp: boolean): void {
    this.#changes += 1;
    if (!isUp) this.#begin();
    else if (this.#reader !== undefined) this.#endLater(this.#changes);
  }

  #begin(): void {
    // The stream is still open if the link was up only for a short time.
    if (this.#reader !== undefined) return;
    const { logger, metrics, monotonic, received } = this.#deps;
    logger.warn('Entries of other nodes are read from the change stream of MongoDB');
    metrics.following.set(1);
    const counted: StreamReaderDeps['received'] = (document) => {
      metrics.entries.inc();
      received(document);
    };
    this.#reader = new StreamReader({ ...this.#deps, received: counted }, monotonic() - UNNOTICED);
    this.#reader.start();
  }

  /** Closes the stream after {@link LINGER} and a comparison, unless the link changes again. */
  #endLater(change: number): void {
    this.#deps.timers.after(LINGER, () => void this.#end(change));
  }

  async #end(change: number): Promise<void> {
    const { compareAll, logger, metrics, reportFault } = this.#deps;
    if (this.#changes !== change) return;
    try {
      await compareAll();
    } catch (error) {
      reportFault('reconnect_comparison_failed', error);
      this.#endLater(change);
      return;
    }
    if (this.#changes !== change) return;
    const reader = this.#reader;
    this.#reader = undefined;
    metrics.following.set(0);
    logger.info('Entries of other nodes arrive as cluster events again');
    await reader?.stop();
  }
}
