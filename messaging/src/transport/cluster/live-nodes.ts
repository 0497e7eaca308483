/** Which messaging nodes run. */
export interface LiveNodes {
  /** The ids of the running nodes, this one included; `undefined` while that is not known. */
  alive(): ReadonlySet<string> | undefined;
  /** Calls `listener` when the answer of {@link alive} has changed. */
  subscribe(listener: () => void): void;
}

/** The running nodes of an installation with one node. */
export function onlyNode(nodeId: string): LiveNodes {
  const alive = new Set([nodeId]);
  return { alive: () => alive, subscribe: () => undefined };
}

/**
 * The running nodes by their heartbeats. Missing heartbeats are counted and not timed, so that a node that was too
 * busy to read them does not take the others for dead.
 */
export class NodeRegister implements LiveNodes {
  readonly #nodeId: string;
  readonly #missing: number;
  /** By node, how many heartbeats in a row are missing. */
  readonly #silence = new Map<string, number>();
  readonly #listeners: (() => void)[] = [];
  #isKnown = false;
  #alive: ReadonlySet<string> | undefined;

  /** @param missing - heartbeats in a row that may be missing */
  constructor(nodeId: string, missing: number) {
    this.#nodeId = nodeId;
    this.#missing = missing;
  }

  alive(): ReadonlySet<string> | undefined {
    return this.#alive;
  }

  subscribe(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Call it when a heartbeat of another node has arrived. */
  heard(nodeId: string): void {
    const isNew = !this.#silence.has(nodeId);
    this.#silence.set(nodeId, 0);
    if (isNew && this.#isKnown) this.#changed();
  }

  /** Call it at each heartbeat of this node: every other node should have sent one since the last call. */
  tick(): void {
    const before = this.#silence.size;
    for (const [nodeId, silence] of this.#silence) {
      if (silence >= this.#missing) this.#silence.delete(nodeId);
      else this.#silence.set(nodeId, silence + 1);
    }
    if (this.#isKnown && this.#silence.size < before) this.#changed();
  }

  /** From now on, the running nodes are those whose heartbeats have arrived. */
  markKnown(): void {
    this.#isKnown = true;
    this.#changed();
  }

  /** Call it when the link is down: which nodes run is not known until {@link markKnown}. */
  markUnknown(): void {
    this.#silence.clear();
    if (!this.#isKnown) return;
    this.#isKnown = false;
    this.#changed();
  }

  #changed(): void {
    this.#alive = this.#isKnown ? new Set([this.#nodeId, ...this.#silence.keys()]) : undefined;
    for (const listener of this.#listeners) listener();
  }
}
