import { setNodeTimer, type SetTimer } from '@parley/backend-common';
import { SECOND } from '@parley/common';

import { SettableLink, type LinkState } from './link-state.ts';
import { NodeRegister, type LiveNodes, type NodeAbilities } from './live-nodes.ts';

interface HeartbeatDeps {
  readonly nodeId: string;
  /** Publishes to all nodes, this one included. Never throws: a message may be lost. */
  readonly publish: (message: string) => void;
  /** Replaces the connections to Redis, because nothing arrives over them. */
  readonly reconnect: () => void;
  /** Observes how long a heartbeat took to come back, in seconds. */
  readonly roundTrip: { observe(seconds: number): void };
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  /** Default: Node's timers. */
  readonly setTimer?: SetTimer | undefined;
}

/** Milliseconds between two heartbeats. */
export const BEAT_EVERY = 2 * SECOND;
/** Heartbeats in a row that may be missing. So the link counts as down 8 to 10 s after the last one that arrived. */
const MISSING = 4;
/** A heartbeat that takes longer to come back is ignored (milliseconds). */
const LONGEST_ROUND_TRIP = MISSING * BEAT_EVERY;
/** What nodes of this version can do. */
const ABILITIES: NodeAbilities = { readsEntryChannel: true, recordsChanges: true };
/** Milliseconds that the other nodes get to reconnect too, after a link was down. */
const SETTLE = SECOND;

/**
 * Finds out whether cluster events arrive, by what this node publishes itself: its heartbeats must come back over the
 * connection that carries the events. An open connection proves nothing, because a link may be dead in one direction.
 * The heartbeats of the other nodes show which of them run.
 */
export class Heartbeat {
  readonly #deps: HeartbeatDeps;
  readonly #link = new SettableLink(false);
  readonly #nodes: NodeRegister;
  #unanswered = 0;
  /** Whether the link was down. The other nodes may be disconnected too, so missing heartbeats do not mean that they stopped. */
  #wasDown = false;
  #cancelSettling: (() => void) | undefined;

  constructor(deps: HeartbeatDeps) {
    this.#deps = deps;
    this.#nodes = new NodeRegister(deps.nodeId, MISSING);
  }

  get link(): LinkState {
    return this.#link;
  }

  get nodes(): LiveNodes {
    return this.#nodes;
  }

  /** Call it every 2 s. Sends a heartbeat, after replacing the connections if too many are missing. */
  beat(): void {
    this.#nodes.tick();
    if (this.#unanswered >= MISSING) {
      this.#deps.reconnect();
      this.lost();
    }
    if (!this.#link.isUp) this.#wasDown = true;
    this.#unanswered += 1;
    this.#send(false);
  }

  /** Call it when a new connection is open. Sends a heartbeat that asks the other nodes for theirs. */
  greet(): void {
    this.#send(true);
  }

  /** Call it when the connection is lost. */
  lost(): void {
    this.#unanswered = 0;
    this.#wasDown = true;
    this.#cancelSettling?.();
    this.#link.set(false);
    this.#nodes.markUnknown();
  }

  /** Call it with each heartbeat that arrives, of any node. @throws when it cannot be read */
  received(message: string): void {
    const { at, greets, nodeId, ...abilities } = read(message);
    if (nodeId === this.#deps.nodeId) {
      this.#cameBack(this.#deps.monotonic() - at);
      return;
    }
    this.#nodes.heard(nodeId, abilities);
    if (greets) this.#send(false);
  }

  stop(): void {
    this.#cancelSettling?.();
  }

  #cameBack(after: number): void {
    if (after > LONGEST_ROUND_TRIP) return;
    this.#deps.roundTrip.observe(after / SECOND);
    this.#unanswered = 0;
    if (this.#link.isUp) return;
    if (this.#wasDown) this.#settle();
    else this.#nodes.markKnown();
    this.#link.set(true);
  }

  #settle(): void {
    const { setTimer = setNodeTimer } = this.#deps;
    this.#cancelSettling?.();
    this.#cancelSettling = setTimer(() => this.#nodes.markKnown(), SETTLE);
  }

  #send(greets: boolean): void {
    const { monotonic, nodeId, publish } = this.#deps;
    publish(JSON.stringify({ nodeId, at: monotonic(), greets, ...ABILITIES }));
  }
}

interface Beat extends NodeAbilities {
  readonly nodeId: string;
  readonly at: number;
  readonly greets: boolean;
}

function read(message: string): Beat {
  const given = JSON.parse(message) as Record<string, unknown>;
  const { at, greets, nodeId, readsEntryChannel, recordsChanges } = given;
  if (typeof nodeId !== 'string' || typeof at !== 'number') {
    throw new TypeError('A heartbeat lacks its node or its time');
  }
  return {
    ...{ nodeId, at, greets: greets === true },
    readsEntryChannel: readsEntryChannel === true,
    recordsChanges: recordsChanges === true,
  };
}
