import { failure, warning, type Finding } from '../finding.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** The space on a disk, in bytes. */
export interface DiskSpace {
  readonly free: number;
  readonly total: number;
  /** Names the disk, as the beginning of a sentence. */
  readonly what: string;
}

/** Returns a failure if less than 256 MiB are free, and a warning if less than 2 GiB and less than a tenth are free. */
export function judgeSpace({ free, total, what }: DiskSpace): Finding | undefined {
  const message = `${what} has ${Math.floor(free / MIB).toLocaleString('en')} MiB free of ${Math.floor(total / MIB).toLocaleString('en')} MiB.`;
  const mend = 'Free space or use a larger disk before it is full.';
  if (free < 256 * MIB) return failure(message, mend);
  if (free < 2 * GIB && free < total / 10) return warning(message, mend);
  return undefined;
}
