import { readFileSync } from 'node:fs';

import type { Cluster } from '../cluster/cluster.ts';

const EVERY_MS = 500;

/** Megabytes of memory that a process holds; 0 if it does not run or the system does not say. */
function residentMegabytes(pid: number | undefined): number {
  if (pid === undefined) return 0;
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) / 1_024;
  } catch {
    return 0;
  }
}

/** Watches how much memory the messaging nodes hold. */
export class MemoryWatch {
  readonly #cluster: Cluster;
  readonly #timer: NodeJS.Timeout;
  /** The most that one node has held so far, in megabytes. */
  most = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#look();
  }

  #look(): void {
    const held = this.#cluster.nodes.map(({ part }) => residentMegabytes(part.pid));
    this.most = Math.max(this.most, ...held);
  }
}
