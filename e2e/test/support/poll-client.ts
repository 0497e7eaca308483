import type { PlainClient } from './plain-client.ts';
import { poll } from './poll.ts';

const MINUTE = 60_000;

/** Resolves when something holds; rejects after a minute. */
export async function holds(isSo: () => boolean): Promise<void> {
  await poll(() => (isSo() ? true : undefined), MINUTE);
}

/** Resolves when a client is connected, or has given up. */
export async function untilConnected({ socket }: PlainClient): Promise<void> {
  if (!socket.active) socket.connect();
  await holds(() => socket.connected || !socket.active);
}
