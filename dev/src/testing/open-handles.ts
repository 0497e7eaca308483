import { type Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Things close in a moment, but not on a machine that is busy with other tests. */
const SETTLE_MS = 10_000;
const POLL_MS = 50;

/** Resources that are no leak: they belong to Node itself, or end by themselves. */
const HARMLESS = new Set(['TTYWrap', 'PipeWrap', 'CloseReq', 'FSReqCallback', 'FSReqPromise']);

type Counts = ReadonlyMap<string, number>;

/** What is open at one moment. */
export interface OpenHandles {
  readonly counts: Counts;
  readonly details: readonly string[];
}

function count(): Counts {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (!HARMLESS.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

function beyond(before: Counts, now: Counts): string[] {
  return [...now].flatMap(([kind, count]) => {
    const more = count - (before.get(kind) ?? 0);
    return more > 0 ? [`${more} × ${kind}`] : [];
  });
}

function describe(handle: object): string[] {
  if (handle instanceof Socket && handle.remotePort !== undefined) {
    return [`socket ${handle.localPort ?? '?'} → ${handle.remotePort}`];
  }
  if ('address' in handle && 'listening' in handle) {
    const address = (handle as Server).address();
    return [`server on ${typeof address === 'object' ? (address?.port ?? '?') : address}`];
  }
  if ('spawnfile' in handle && 'pid' in handle) {
    return [`process ${String(handle.pid)} (${String(handle.spawnfile)})`];
  }
  return [];
}

/** Ports and processes of what is open, from an undocumented list of Node's: only good for a message. */
function details(): string[] {
  const list = (process as unknown as { _getActiveHandles?: () => object[] })._getActiveHandles;
  return list?.call(process).flatMap(describe) ?? [];
}

/** What is open now. */
export function openHandles(): OpenHandles {
  return { counts: count(), details: details() };
}

/**
 * What keeps the process alive beyond what was there before, once things have had ten seconds to close; empty when
 * nothing does.
 */
export async function leakedHandles(before: OpenHandles): Promise<string[]> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const leaks = beyond(before.counts, count());
    if (leaks.length === 0) return [];
    if (performance.now() > deadline) {
      return [...leaks, ...details().filter((detail) => !before.details.includes(detail))];
    }
    await delay(POLL_MS);
  }
}
