import { readFileSync } from 'node:fs';

import type { Cluster } from '../cluster/cluster.ts';

const EVERY_MS = 500;

/** Resident memory of a process in megabytes; 0 if it does not run or the system does not report it. */
function residentMegabytes(pid: number | undefined): number {
  if (pid === undefined) return 0;
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) / 1_024;
  } catch {
    return 0;
  }
}

/** Measures the resident memory of the messaging nodes. */
export class MemoryWatch {
  readonly #cluster: Cluster;
  readonly #timer: NodeJS.Timeout;
  /** The largest value of any node so far, in megabytes. */
  most = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#timer = setInterval(() => this.#measure(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#measure();
  }

  #measure(): void {
    const sizes = this.#cluster.nodes.map(({ part }) => residentMegabytes(part.pid));
    this.most = Math.max(this.most, ...sizes);
  }
}
