import type { SocketClient } from '../clients/socket-client.ts';
import { becomes } from '../time.ts';
import type { Workload } from '../workload/workload.ts';

const UNDERWAY = 100;

/** Sends so many messages to the group as fast as they are answered, calling `each` before every one. */
export async function burst(
  workload: Workload,
  client: SocketClient,
  of: { readonly count: number; readonly each?: (sent: number) => Promise<void> | undefined },
): Promise<void> {
  const { conversationId } = workload.group;
  let underway = 0;
  for (let sent = 0; sent < of.count; sent += 1) {
    await becomes(() => underway < UNDERWAY, Infinity);
    await of.each?.(sent);
    underway += 1;
    const done = client.send({ conversationId, text: `burst ${sent}` });
    workload.run(done.finally(() => (underway -= 1)));
  }
  await becomes(() => underway === 0, Infinity);
}
