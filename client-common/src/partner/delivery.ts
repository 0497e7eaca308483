import type { Client } from '../client.ts';
import type { Readable } from '../core/readable.ts';
import { memoryPlatform } from '../platform/memory.ts';
import type { DeliveryState, MessageAddress, PartOptions } from './api.ts';
import { Asked } from './asked.ts';

/** Milliseconds until it is asked again while a push is about to be sent: nothing tells of pushes. */
const SOON = 3_000;

/**
 * Who has an own message, how, or why not. Subscribing asks, and asks again whenever somebody in the
 * conversation has got or read something. `forbidden` where it is somebody else's.
 */
export function deliveryOf(
  client: Client,
  address: MessageAddress,
  options: PartOptions = {},
): Readable<DeliveryState> {
  const { setTimeout } = { ...memoryPlatform(), ...options.platform };
  let state: DeliveryState = { status: 'loading' };
  let cancel: () => void = () => undefined;
  const set = (next: DeliveryState) => {
    state = next;
    asked.signal.invalidate();
  };
  const ask = () => void asked.ask();
  const asked = new Asked<DeliveryState>({
    client,
    compute: () => state,
    ask: async () => {
      const delivery = await client.request('message:delivery', { ...address });
      return () => {
        cancel();
        set({ status: 'ready', delivery });
        const isWaiting = delivery.recipients.some(({ reason }) => reason === 'waiting');
        if (isWaiting && asked.signal.isWatched) cancel = setTimeout(ask, SOON);
      };
    },
    failed: ({ code }) => {
      if (state.status !== 'ready') set({ status: 'failed', code });
    },
    listen: () => {
      const stop = client.onEvent('receipt', ({ conversationId }) => {
        if (conversationId === address.conversationId) ask();
      });
      return () => {
        stop();
        cancel();
      };
    },
  });
  return asked.signal;
}
