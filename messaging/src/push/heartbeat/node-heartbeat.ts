import type { Logger } from '@parley/backend-common';
import { SECOND } from '@parley/common';

import type { NodeRepository } from './node-repository.ts';

interface NodeKeeperDeps {
  readonly nodeId: string;
  readonly nodes: NodeRepository;
  /** Up to when this node has dealt with everything (milliseconds). */
  readonly flushedTo: () => number;
  /** Deals with what was accepted between two times (milliseconds), wherever. Idempotent. */
  readonly redo: (from: number, to: number) => Promise<void>;
  readonly logger: Logger;
}

const EVERY = 5 * SECOND;

/**
 * Says that this node lives and how far it is, and makes up for nodes that died: what follows an acknowledgement is in
 * the memory of the node that gave it, and the log has all that it takes to do it again.
 */
export class NodeKeeper {
  readonly #deps: NodeKeeperDeps;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(deps: NodeKeeperDeps) {
    this.#deps = deps;
  }

  /** Resolves when it is known that this node lives: from then on it may accept something. */
  async start(): Promise<void> {
    const { flushedTo, nodeId, nodes } = this.#deps;
    await nodes.keep(nodeId, flushedTo());
    this.#timer = setInterval(() => void this.run(), EVERY).unref();
  }

  /** Stops. With nothing left to do the node is forgotten, else others make up for it. */
  async stop(isDone: boolean): Promise<void> {
    const { logger, nodeId, nodes } = this.#deps;
    clearInterval(this.#timer);
    await this.#running;
    if (!isDone) return;
    await nodes.leave(nodeId).catch((error: unknown) => {
      logger.warn({ err: error }, 'This node could not say that it is done');
    });
  }

  /** One sign of life, and one look for dead nodes. Never throws. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #run(): Promise<void> {
    const { flushedTo, logger, nodeId, nodes, redo } = this.#deps;
    try {
      await nodes.keep(nodeId, flushedTo());
      for (;;) {
        const dead = await nodes.inherit(nodeId);
        if (dead === null) return;
        logger.warn({ node: dead._id }, 'A node has died; its follow-ups are made up for');
        // What it accepted it accepted while it lived; a clock may be off by a correction.
        await redo(dead.flushedTo, dead.aliveUntil.getTime() + SECOND);
        await nodes.bury(dead._id, nodeId);
      }
    } catch (error) {
      logger.warn({ err: error }, 'Nodes could not be looked after');
    }
  }
}
