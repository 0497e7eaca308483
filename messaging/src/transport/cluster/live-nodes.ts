/** What a node says of itself in its heartbeats. Nodes of former versions do not say it. */
export interface NodeAbilities {
  readonly readsEntryChannel: boolean;
  /** Whether it stores `changedAt` with each change of a membership. */
  readonly recordsChanges: boolean;
}

/** Which messaging nodes run. */
export interface LiveNodes {
  /** The ids of the running nodes, this one included; `undefined` while that is not known. */
  alive(): ReadonlySet<string> | undefined;
  /**
   * Whether all other running nodes read the channel of entries, which nodes of former versions do not. `false` while
   * that is not known.
   */
  readEntryChannel(): boolean;
  /**
   * A number that stays the same as long as it is certain that every running node stores `changedAt` with each change of
   * a membership, which nodes of former versions do not; `undefined` while it is not certain.
   */
  recordingEpoch(): number | undefined;
  /** Calls `listener` when the answer of {@link alive} has changed. */
  subscribe(listener: () => void): void;
}

/** The running nodes of an installation with one node. */
export function onlyNode(nodeId: string): LiveNodes {
  const alive = new Set([nodeId]);
  return {
    alive: () => alive,
    readEntryChannel: () => true,
    recordingEpoch: () => 0,
    subscribe: () => undefined,
  };
}

/** Heartbeats of this node after which every other running node must have sent one too. */
const HEARD_AFTER = 2;

/**
 * The running nodes by their heartbeats. Missing heartbeats are counted and not timed, so that a node that was too
 * busy to read them does not take the others for dead.
 */
export class NodeRegister implements LiveNodes {
  readonly #nodeId: string;
  readonly #missing: number;
  /** By node, how many heartbeats in a row are missing. */
  readonly #silence = new Map<string, number>();
  /** What the other nodes can do. */
  readonly #abilities = new Map<string, NodeAbilities>();
  readonly #listeners: (() => void)[] = [];
  #isKnown = false;
  /** Heartbeats of this node since the running nodes are known. */
  #ticks = 0;
  #recordingEpoch = 0;
  #alive: ReadonlySet<string> | undefined;

  /** @param missing - heartbeats in a row that may be missing */
  constructor(nodeId: string, missing: number) {
    this.#nodeId = nodeId;
    this.#missing = missing;
  }

  alive(): ReadonlySet<string> | undefined {
    return this.#alive;
  }

  readEntryChannel(): boolean {
    return this.#allCan('readsEntryChannel');
  }

  recordingEpoch(): number | undefined {
    return this.#allCan('recordsChanges') ? this.#recordingEpoch : undefined;
  }

  subscribe(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Call it when a heartbeat of another node has arrived, with what that node said of itself. */
  heard(nodeId: string, abilities: NodeAbilities): void {
    const isNew = !this.#silence.has(nodeId);
    this.#silence.set(nodeId, 0);
    this.#abilities.set(nodeId, abilities);
    if (!abilities.recordsChanges) this.#recordingEpoch += 1;
    if (isNew && this.#isKnown) this.#changed();
  }

  /** Call it at each heartbeat of this node: every other node should have sent one since the last call. */
  tick(): void {
    const before = this.#silence.size;
    if (this.#isKnown) this.#ticks += 1;
    for (const [nodeId, silence] of this.#silence) {
      if (silence < this.#missing) {
        this.#silence.set(nodeId, silence + 1);
        continue;
      }
      this.#silence.delete(nodeId);
      this.#abilities.delete(nodeId);
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
    this.#abilities.clear();
    this.#ticks = 0;
    this.#recordingEpoch += 1;
    if (!this.#isKnown) return;
    this.#isKnown = false;
    this.#changed();
  }

  #allCan(ability: keyof NodeAbilities): boolean {
    if (this.#ticks < HEARD_AFTER) return false;
    for (const abilities of this.#abilities.values()) if (!abilities[ability]) return false;
    return true;
  }

  #changed(): void {
    this.#alive = this.#isKnown ? new Set([this.#nodeId, ...this.#silence.keys()]) : undefined;
    for (const listener of this.#listeners) listener();
  }
}
