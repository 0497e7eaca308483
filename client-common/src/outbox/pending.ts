import type { AppError } from '@parley/common';
import type { MessageEntry, OperationCall } from '@parley/common/contract';

import type { Delivery } from '../api/timeline.ts';

/** A message on its way. */
export interface Pending {
  readonly conversationId: string;
  readonly clientId: string;
  readonly text: string;
  readonly replyTo: { readonly messageId: string; readonly seq: number } | null;
  /** When it was written, by the server's clock as it was known. */
  readonly at: number;
  /** Its place among all messages of this device. */
  readonly order: number;
  readonly state: PendingState;
}

type FailedDelivery = Extract<Delivery, { state: 'failed' }>;

export type PendingState =
  /** To be sent. `tried`: it may be stored already, without an answer. */
  | { readonly name: 'waiting'; readonly tried: boolean; readonly failures: number }
  | { readonly name: 'flying'; readonly failures: number }
  | { readonly name: 'stored'; readonly entry: MessageEntry }
  | { readonly name: 'failed'; readonly delivery: FailedDelivery };

const SENDING: Delivery = { state: 'sending', cancellable: false };
const CANCELLABLE: Delivery = { state: 'sending', cancellable: true };
const SENT: Delivery = { state: 'sent' };

/** A message that was never tried. */
export const UNTRIED: PendingState = { name: 'waiting', tried: false, failures: 0 };

/** How a person sees the state. */
export function deliveryOf(state: PendingState): Delivery {
  switch (state.name) {
    case 'waiting':
      return state.tried ? SENDING : CANCELLABLE;
    case 'flying':
      return SENDING;
    case 'stored':
      return SENT;
    case 'failed':
      return state.delivery;
  }
}

/** The state after a refusal that is final. */
export function failedWith(error: AppError): PendingState {
  const { code, message } = error;
  return { name: 'failed', delivery: { state: 'failed', code, message } };
}

/** The request that sends it; every repeat is the same but for `after`. */
export function toCall(pending: Pending, after: string | undefined): OperationCall<'message:send'> {
  const { conversationId, clientId, text, replyTo } = pending;
  return {
    conversationId,
    clientId,
    text,
    ...(replyTo === null ? {} : { replyTo: replyTo.messageId }),
    ...(after === undefined ? {} : { after }),
  };
}

/** What is kept of it on the device. */
export function serialise(pending: Pending): string {
  const { state, ...rest } = pending;
  return JSON.stringify(state.name === 'failed' ? { ...rest, failed: state } : rest);
}

/** Reads what `serialise` wrote; `null` when it is something else. It may have been sent before. */
export function deserialise(text: string): Pending | null {
  try {
    const { failed, ...rest } = JSON.parse(text) as Omit<Pending, 'state'> & {
      readonly failed?: PendingState;
    };
    if (typeof rest.clientId !== 'string' || typeof rest.text !== 'string') return null;
    return { ...rest, state: failed ?? { name: 'waiting', tried: true, failures: 0 } };
  } catch {
    return null;
  }
}
