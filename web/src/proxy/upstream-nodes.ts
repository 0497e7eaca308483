import { SECOND } from '@parley/common';

interface UpstreamNodesDeps {
  readonly urls: readonly string[];
  /** Rejects unless the node is ready for requests. */
  readonly probe: (url: string) => Promise<unknown>;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** Milliseconds from one probe of a node that failed to the next. */
const PROBE_EVERY = SECOND;

/**
 * The nodes of one service, in rotation. A node that has failed comes last until it is known to work again: a probe in
 * the background finds that out, not the request of a client. Probes need traffic: while nobody asks, nothing is probed.
 */
export class UpstreamNodes {
  readonly all: readonly string[];
  readonly #probe: UpstreamNodesDeps['probe'];
  readonly #now: () => number;
  /** Nodes that have failed, with the time of the failure or of the last probe. */
  readonly #failed = new Map<string, { triedAt: number }>();
  #next = 0;

  constructor({ now = () => performance.now(), probe, urls }: UpstreamNodesDeps) {
    this.all = urls;
    this.#probe = probe;
    this.#now = now;
  }

  /** Every node once, in the order in which one request tries them. */
  inTurn(): string[] {
    for (const url of this.#failed.keys()) this.#probeIfDue(url);
    const start = this.#next;
    this.#next = (start + 1) % this.all.length;
    const turn = [...this.all.slice(start), ...this.all.slice(0, start)];
    return [
      ...turn.filter((url) => !this.#failed.has(url)),
      ...turn.filter((url) => this.#failed.has(url)),
    ];
  }

  failed(url: string): void {
    this.#failed.set(url, { triedAt: this.#now() });
  }

  answered(url: string): void {
    this.#failed.delete(url);
  }

  #probeIfDue(url: string): void {
    const failure = this.#failed.get(url);
    if (failure === undefined || this.#now() - failure.triedAt < PROBE_EVERY) return;
    failure.triedAt = this.#now();
    this.#probe(url).then(
      () => {
        // It may have failed again meanwhile.
        if (this.#failed.get(url) === failure) this.#failed.delete(url);
      },
      () => undefined,
    );
  }
}
