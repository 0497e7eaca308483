import type { SocketClient } from '../clients/socket-client.ts';
import { waitUntil } from '../time.ts';
import type { Workload } from '../workload/workload.ts';

/** Messages without an answer at the same time. */
const MAX_IN_PROGRESS = 100;

/** Sends `count` messages to the group as fast as they are answered. Calls `each` before every message. */
export async function burst(
  workload: Workload,
  client: SocketClient,
  options: { readonly count: number; readonly each?: (sent: number) => Promise<void> | undefined },
): Promise<void> {
  const { conversationId } = workload.group;
  let inProgress = 0;
  for (let sent = 0; sent < options.count; sent += 1) {
    await waitUntil(() => inProgress < MAX_IN_PROGRESS, Infinity);
    await options.each?.(sent);
    inProgress += 1;
    const done = client.send({ conversationId, text: `burst ${sent}` });
    workload.run(done.finally(() => (inProgress -= 1)));
  }
  await waitUntil(() => inProgress === 0, Infinity);
}
