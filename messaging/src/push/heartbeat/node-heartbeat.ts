import { Periodic, type Logger, type PeriodicMetrics } from '@parley/backend-common';
import { SECOND } from '@parley/common';

import type { NodeRepository } from './node-repository.ts';

interface NodeHeartbeatDeps {
  readonly nodes: NodeRepository;
  /** The time (milliseconds) before which this node has scheduled the pushes of all messages. */
  readonly flushedTo: () => number;
  /**
   * Repairs what stored members and titles lack of changes that any node accepted between two times (milliseconds).
   * Idempotent. Returns whether everything could be repaired.
   */
  readonly repairProjections: (from: number, to: number) => Promise<boolean>;
  /** Schedules pushes for messages that any node accepted between two times (milliseconds). Idempotent. */
  readonly scheduleFromLog: (from: number, to: number) => Promise<void>;
  readonly periodicMetrics: PeriodicMetrics;
  readonly logger: Logger;
}

const EVERY = 5 * SECOND;

/**
 * Records that this node is alive, and takes over from nodes that crashed. What such a node had not done yet was in its
 * memory, but the log has it too: changes of members that it had not projected, and messages for which it had not
 * scheduled pushes.
 */
export class NodeHeartbeat {
  readonly #deps: NodeHeartbeatDeps;
  readonly #beating: Periodic;

  constructor(deps: NodeHeartbeatDeps) {
    this.#deps = deps;
    this.#beating = new Periodic({
      ...{ name: 'node_heartbeat', every: EVERY, metrics: deps.periodicMetrics },
      run: () => this.#beat(),
      onFault: (error) => deps.logger.warn({ err: error }, 'The heartbeat of this node failed'),
    });
  }

  /** Resolves when the first heartbeat is stored. The node must not accept messages before that. */
  async start(): Promise<void> {
    const { flushedTo, nodes } = this.#deps;
    await nodes.keepAlive(flushedTo());
    this.#beating.start();
  }

  /** Stops. @param isDone - whether all pushes are scheduled; otherwise another node takes this one over */
  async stop(isDone: boolean): Promise<void> {
    const { logger, nodes } = this.#deps;
    await this.#beating.stop();
    if (!isDone) return;
    await nodes.leave().catch((error: unknown) => {
      logger.warn({ err: error }, 'This node was not removed from the list of nodes');
    });
  }

  /** One heartbeat, and one look for crashed nodes. Never rejects. */
  run(): Promise<void> {
    return this.#beating.runNow();
  }

  async #beat(): Promise<void> {
    const { flushedTo, logger, nodes, repairProjections, scheduleFromLog } = this.#deps;
    await nodes.keepAlive(flushedTo());
    for (;;) {
      const crashed = await nodes.takeOver();
      if (crashed === null) return;
      logger.warn({ node: crashed.id }, 'A node has crashed; its work is completed from the log');
      // It accepted entries only while it was alive. A second is added because clocks are corrected now and then.
      const until = crashed.aliveUntil.getTime() + SECOND;
      // The members come first, because pushes are for the stored members.
      const areRepaired = await repairProjections(crashed.flushedTo, until);
      await scheduleFromLog(crashed.flushedTo, until);
      // Otherwise a node tries again when the lease ends.
      if (areRepaired) await nodes.remove(crashed);
    }
  }
}
