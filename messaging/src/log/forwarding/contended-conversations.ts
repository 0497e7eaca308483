import { SECOND } from '@parley/common';

import type { ForwardingLink } from './ports.ts';

interface ContendedConversationsDeps {
  readonly link: Pick<ForwardingLink, 'isAlive' | 'nodeId'>;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
}

/** What this node knows about a conversation in which it has lost a `seq` to another node. */
interface Contention {
  /** Conflicts in a row, each within a second of the one before. */
  conflicts: number;
  /** Monotonic milliseconds. */
  conflictedAt: number;
  isContended: boolean;
  /** When each node last committed an entry of its own or of a third node (monotonic milliseconds). */
  readonly committedAt: Map<string, number>;
}

const CONFLICTS = 2;
const CONFLICTS_WITHIN = SECOND;
/** A node can be the writer if it has committed an entry within this time (milliseconds). */
const RECENT = 2 * SECOND;
/** A node that did not settle a batch gets no other one for this time (milliseconds). */
const SUSPENDED = 10 * SECOND;
/** Conversations that are observed at the same time. When there are more, the oldest is forgotten. */
const MAX_OBSERVED = 1_000;

/**
 * Chooses the writer of each contended conversation. A conversation is contended when this node has lost two numbers
 * of it within about a second. Its writer is the node with the smallest id among those that committed entries lately,
 * so all nodes that see the same cluster events choose the same one.
 */
export class ContendedConversations {
  readonly #deps: ContendedConversationsDeps;
  readonly #observed = new Map<string, Contention>();
  readonly #suspendedUntil = new Map<string, number>();

  constructor(deps: ContendedConversationsDeps) {
    this.#deps = deps;
  }

  /** Records that another node took a number that this node proposed. */
  conflicted(conversationId: string): void {
    const now = this.#deps.monotonic();
    const contention = this.#observe(conversationId);
    const isInRow = now - contention.conflictedAt <= CONFLICTS_WITHIN;
    contention.conflicts = isInRow ? contention.conflicts + 1 : 1;
    contention.conflictedAt = now;
    if (contention.conflicts >= CONFLICTS) contention.isContended = true;
  }

  /** Records that another node has chosen this node as the writer. */
  chosenByOther(conversationId: string): void {
    const contention = this.#observe(conversationId);
    contention.conflictedAt = this.#deps.monotonic();
    contention.isContended = true;
  }

  /** Whether the nodes that commit entries of a conversation are recorded. */
  observes(conversationId: string): boolean {
    return this.#observed.has(conversationId);
  }

  /** Records that a node committed an entry which this node had not forwarded to it. */
  committed(conversationId: string, nodeId: string): void {
    if (this.#observed.size === 0) return;
    const { monotonic } = this.#deps;
    this.#observed.get(conversationId)?.committedAt.set(nodeId, monotonic());
  }

  /** Records that a node did not settle a batch. It is not chosen as a writer for 10 s. */
  suspend(nodeId: string): void {
    this.#suspendedUntil.set(nodeId, this.#deps.monotonic() + SUSPENDED);
  }

  /** The node that writes the entries of a conversation; `undefined` if it is this one. */
  writerOf(conversationId: string): string | undefined {
    if (this.#observed.size === 0) return undefined;
    const contention = this.#observed.get(conversationId);
    if (contention === undefined) return undefined;
    const { nodeId: self } = this.#deps.link;
    const now = this.#deps.monotonic();
    let writer: string | undefined;
    for (const [nodeId, at] of contention.committedAt) {
      if (now - at > RECENT) contention.committedAt.delete(nodeId);
      else if (this.#isUsable(nodeId, now) && (writer === undefined || nodeId < writer))
        writer = nodeId;
    }
    const isAlone = contention.committedAt.size === (contention.committedAt.has(self) ? 1 : 0);
    if (isAlone && now - contention.conflictedAt > RECENT) this.#observed.delete(conversationId);
    return contention.isContended && writer !== self ? writer : undefined;
  }

  #isUsable(nodeId: string, now: number): boolean {
    const { link } = this.#deps;
    const until = this.#suspendedUntil.get(nodeId) ?? now;
    if (now < until) return false;
    this.#suspendedUntil.delete(nodeId);
    return nodeId === link.nodeId || link.isAlive(nodeId);
  }

  #observe(conversationId: string): Contention {
    const known = this.#observed.get(conversationId);
    if (known !== undefined) return known;
    if (this.#observed.size >= MAX_OBSERVED) {
      for (const oldest of this.#observed.keys()) {
        this.#observed.delete(oldest);
        break;
      }
    }
    const contention: Contention = {
      conflicts: 0,
      conflictedAt: Number.NEGATIVE_INFINITY,
      isContended: false,
      committedAt: new Map(),
    };
    this.#observed.set(conversationId, contention);
    return contention;
  }
}
