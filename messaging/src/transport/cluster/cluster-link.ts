import {
  Periodic,
  setNodeTimer,
  type Logger,
  type Metrics,
  type PeriodicMetrics,
  type SetTimer,
} from '@parley/backend-common';
import { SECOND } from '@parley/common';

import type { ReportFault } from '../../faults.ts';
import { EntryChannel } from './entry-channel.ts';
import { BEAT_EVERY, Heartbeat } from './heartbeat.ts';
import type { LinkState } from './link-state.ts';
import type { LiveNodes } from './live-nodes.ts';
import { createRedisLink, type RedisLink } from './redis-link.ts';

interface ClusterLinkOptions {
  readonly nodeId: string;
  readonly url: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly periodicMetrics: PeriodicMetrics;
  /** Counts messages that could not be published. */
  readonly unpublished: { inc(): void };
  readonly reportFault: ReportFault;
  /** Default: Node's timers. */
  readonly setTimer?: SetTimer;
}

const HEARTBEATS = 'parley:heartbeat';
const ENTRIES = 'parley:entries';
/** Milliseconds for which a starting node waits for the link. */
const OPEN_WITHIN = 2 * SECOND;

/** The link of this node to the other nodes through Redis. Its heartbeats supervise it. */
export class ClusterLink {
  readonly redis: RedisLink;
  readonly state: LinkState;
  readonly nodes: LiveNodes;
  readonly entries: EntryChannel;
  readonly #options: ClusterLinkOptions;
  readonly #heartbeat: Heartbeat;
  readonly #beating: Periodic;
  /** The last error of a connection. */
  #error: unknown;
  #isClosed = false;

  constructor(options: ClusterLinkOptions) {
    const { metrics, nodeId, reportFault, setTimer, unpublished, url } = options;
    this.#options = options;
    this.redis = createRedisLink({
      url,
      onUnpublished: () => unpublished.inc(),
      onFault: (error) => reportFault('cluster_message_unreadable', error),
      onError: (error) => (this.#error = error),
      onOpen: () => this.#heartbeat.greet(),
      onLost: () => {
        if (!this.#isClosed) this.#heartbeat.lost();
      },
    });
    this.#heartbeat = new Heartbeat({
      nodeId,
      publish: (message) => void this.redis.publish(HEARTBEATS, message).catch(() => undefined),
      reconnect: () => this.redis.reconnect(),
      roundTrip: metrics.duration(
        'parley_redis_heartbeat_seconds',
        'Time until a heartbeat of this node comes back through Redis',
      ),
      monotonic: () => performance.now(),
      setTimer,
    });
    this.entries = new EntryChannel({
      nodeId,
      publish: (message) =>
        void this.redis.publish(ENTRIES, message).catch(() => unpublished.inc()),
      onFault: (error) => reportFault('entries_event_unreadable', error),
    });
    this.redis.subscribe(HEARTBEATS, (message) => this.#heartbeat.received(message.toString()));
    this.redis.subscribe(ENTRIES, (message) => this.entries.received(message));
    this.state = this.#heartbeat.link;
    this.nodes = this.#heartbeat.nodes;
    metrics.observed('parley_redis_up', '1 while events of other nodes arrive through Redis', () =>
      Number(this.state.isUp),
    );
    this.#beating = new Periodic({
      ...{ name: 'cluster_heartbeat', every: BEAT_EVERY, jitter: 0 },
      run: () => {
        this.#beat();
        return Promise.resolve();
      },
      metrics: options.periodicMetrics,
      onFault: (error) => options.logger.error({ err: error }, 'A heartbeat was not sent'),
      ...(setTimer === undefined ? {} : { setTimer }),
    });
    this.state.subscribe((isUp) => this.#report(isUp));
  }

  /** Opens the link. Resolves when it is up, or after 2 s without it: then it comes up later. */
  async open(): Promise<void> {
    this.redis.connect();
    this.#beating.start();
    if (await this.#isUpWithin(OPEN_WITHIN)) return;
    this.#options.logger.warn(
      { err: this.#error },
      'Redis does not answer; this node starts without events of other nodes',
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#beating.stop();
    this.#heartbeat.stop();
    this.redis.close();
  }

  #beat(): void {
    this.redis.connect();
    this.#heartbeat.beat();
  }

  #isUpWithin(ms: number): Promise<boolean> {
    const { setTimer = setNodeTimer } = this.#options;
    return new Promise((resolve) => {
      const cancel = setTimer(() => resolve(this.state.isUp), ms);
      this.state.subscribe((isUp) => {
        if (!isUp) return;
        cancel();
        resolve(true);
      });
    });
  }

  #report(isUp: boolean): void {
    const { logger } = this.#options;
    if (isUp) logger.info('Events of other nodes arrive through Redis');
    else
      logger.warn(
        { err: this.#error },
        'Events of other nodes do not arrive: the link through Redis is down',
      );
    this.#error = undefined;
  }
}
