import type { Readable } from '../core/readable.ts';
import { memoryPlatform } from '../platform/memory.ts';
import type { DeliveryClient, DeliveryOptions, DeliveryState, MessageAddress } from './types.ts';
import { LiveQuery } from '../core/live-query.ts';

/** Milliseconds between requests while a push is pending. No event reports that a push was sent. */
const POLL_EVERY = 3_000;

/**
 * The delivery report of one of the user's own messages: who received it and how, or why not. While
 * it has a subscriber, it is requested again after each receipt in the conversation. Fails with
 * `forbidden` for a message of another user.
 */
export function deliveryOf(
  client: DeliveryClient,
  address: MessageAddress,
  options: DeliveryOptions = {},
): Readable<DeliveryState> {
  const { setTimeout } = { ...memoryPlatform(), ...options.platform };
  let state: DeliveryState = { status: 'loading' };
  let cancel: () => void = () => undefined;
  const set = (next: DeliveryState) => {
    state = next;
    query.signal.invalidate();
  };
  const ask = () => void query.refresh();
  const query = new LiveQuery<DeliveryState>({
    client,
    compute: () => state,
    ask: async () => {
      const delivery = await client.request('message:delivery', { ...address });
      return () => {
        cancel();
        set({ status: 'ready', delivery });
        const isWaiting = delivery.recipients.some(({ reason }) => reason === 'waiting');
        if (isWaiting && query.signal.isWatched) cancel = setTimeout(ask, POLL_EVERY);
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
  return query.signal;
}
