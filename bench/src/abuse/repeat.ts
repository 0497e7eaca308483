import { setTimeout as delay } from 'node:timers/promises';

/** Connections begun, and events, packets and requests sent, by this process. */
export const done = { events: 0 };

/** Repeats an attack for ever, even if the server refuses it or closes the connection. */
export async function forEver(act: () => Promise<unknown>): Promise<never> {
  for (;;) {
    done.events += 1;
    await act().catch(() => undefined);
    await delay(1);
  }
}

/** Repeats an attack `count` times at the same time. */
export function often(count: number, act: () => Promise<unknown>): void {
  for (let at = 0; at < count; at += 1) void forEver(act);
}
