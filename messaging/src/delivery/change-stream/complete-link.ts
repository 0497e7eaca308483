import type { LinkState } from '../../transport/cluster/link-state.ts';
import type { LiveNodes } from '../../transport/cluster/live-nodes.ts';

interface CompleteLinkDeps {
  readonly link: LinkState;
  /** The nodes whose heartbeats arrive. */
  readonly nodes: Pick<LiveNodes, 'alive'>;
  /** The nodes that run according to the database. */
  readonly running: () => Promise<readonly string[]>;
}

/**
 * Whether cluster events of every running node arrive. A node that has lost Redis publishes nothing, although the links
 * of the others are up.
 */
export class CompleteLink implements LinkState {
  readonly #deps: CompleteLinkDeps;
  readonly #listeners: ((isUp: boolean) => void)[] = [];
  #isComplete = true;
  #isUp: boolean;

  constructor(deps: CompleteLinkDeps) {
    this.#deps = deps;
    this.#isUp = deps.link.isUp;
    deps.link.subscribe(() => this.#update());
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  subscribe(listener: (isUp: boolean) => void): void {
    this.#listeners.push(listener);
  }

  /** Compares the running nodes with those whose heartbeats arrive. Call it every few seconds, and when the latter change. */
  async check(): Promise<void> {
    const running = await this.#deps.running();
    const heard = this.#deps.nodes.alive();
    // Right after the link came up, no heartbeat of another node has arrived yet.
    if (heard === undefined) return;
    this.#isComplete = running.every((nodeId) => heard.has(nodeId));
    this.#update();
  }

  #update(): void {
    const isUp = this.#deps.link.isUp && this.#isComplete;
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    for (const listener of this.#listeners) listener(isUp);
  }
}
