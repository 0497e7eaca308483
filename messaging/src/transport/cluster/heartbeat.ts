import { setNodeTimer, type SetTimer } from '@parley/backend-common';
import { SECOND } from '@parley/common';

import { SettableLink, type LinkState } from './link-state.ts';
import { NodeRegister, type LiveNodes } from './live-nodes.ts';

interface HeartbeatDeps {
  readonly nodeId: string;
  /** Publishes to all nodes, this one included. Never throws: a message may be lost. */
  readonly publish: (message: string) => void;
  /** Replaces the connections to Redis: nothing comes through them any more. */
  readonly reconnect: () => void;
  /** Observes how long a heartbeat took to come back, in seconds. */
  readonly roundTrip: { observe(seconds: number): void };
  /** Milliseconds of a clock that is never set back. */
  readonly monotonic: () => number;
  /** Default: Node's timers. */
  readonly setTimer?: SetTimer | undefined;
}

/** Milliseconds between two heartbeats. */
export const BEAT_EVERY = 2 * SECOND;
/** Heartbeats in a row that may be missing; so the link is down 8 to 10 s after the last one that arrived. */
const MISSING = 4;
/** Milliseconds after which a heartbeat that comes back proves nothing any more. */
const LATE = MISSING * BEAT_EVERY;
/** Milliseconds after a broken link in which the other nodes connect too. */
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
  /** Whether the other nodes may be without a link too, so that silence does not mean that they are gone. */
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

  /** Called every 2 s: sends a heartbeat, unless the link must be replaced first. */
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

  /** A new connection is open: the other nodes are asked for their heartbeats, too. */
  greet(): void {
    this.#send(true);
  }

  /** The connection is lost. */
  lost(): void {
    this.#unanswered = 0;
    this.#wasDown = true;
    this.#cancelSettling?.();
    this.#link.set(false);
    this.#nodes.unknown();
  }

  /** A heartbeat of any node has arrived. @throws when it cannot be read */
  received(message: string): void {
    const { at, greets, nodeId } = read(message);
    if (nodeId === this.#deps.nodeId) {
      this.#cameBack(this.#deps.monotonic() - at);
      return;
    }
    this.#nodes.heard(nodeId);
    if (greets) this.#send(false);
  }

  stop(): void {
    this.#cancelSettling?.();
  }

  #cameBack(after: number): void {
    if (after > LATE) return;
    this.#deps.roundTrip.observe(after / SECOND);
    this.#unanswered = 0;
    if (this.#link.isUp) return;
    if (this.#wasDown) this.#settle();
    else this.#nodes.known();
    this.#link.set(true);
  }

  #settle(): void {
    const { setTimer = setNodeTimer } = this.#deps;
    this.#cancelSettling?.();
    this.#cancelSettling = setTimer(() => this.#nodes.known(), SETTLE);
  }

  #send(greets: boolean): void {
    const { monotonic, nodeId, publish } = this.#deps;
    publish(JSON.stringify({ nodeId, at: monotonic(), greets }));
  }
}

function read(message: string): { nodeId: string; at: number; greets: boolean } {
  const { at, greets, nodeId } = JSON.parse(message) as Record<string, unknown>;
  if (typeof nodeId !== 'string' || typeof at !== 'number') {
    throw new TypeError('A heartbeat has a node and a time');
  }
  return { nodeId, at, greets: greets === true };
}
