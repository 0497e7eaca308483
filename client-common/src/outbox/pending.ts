import type { AppError } from '@parley/common';
import type { MessageEntry, OperationCall } from '@parley/common/contract';

import type { Delivery } from '../api/timeline.ts';
import type { OutgoingFile } from '../api/uploads.ts';

/** A message on its way. */
export interface Pending {
  readonly conversationId: string;
  readonly clientId: string;
  /** `null`: a file alone. */
  readonly text: string | null;
  /** Its file, whose `id` is `null` until it is uploaded; before, the message is not sent. */
  readonly file?: OutgoingFile;
  readonly replyTo: { readonly messageId: string; readonly seq: number } | null;
  /** When it was written, by the server's clock as it was known. */
  readonly at: number;
  /** Its place among all messages of this device. */
  readonly order: number;
  readonly state: PendingState;
}

type FailedDelivery = Extract<Delivery, { state: 'failed' }>;

export type PendingState =
  /** To be sent. `tried`: it may be stored already, without an answer. `delivery`: what is shown. */
  | {
      readonly name: 'waiting';
      readonly tried: boolean;
      readonly failures: number;
      readonly delivery?: Delivery;
    }
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
      return state.delivery ?? (state.tried ? SENDING : CANCELLABLE);
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
  const { conversationId, clientId, text, file, replyTo } = pending;
  return {
    conversationId,
    clientId,
    ...(text === null ? {} : { text }),
    ...(file?.id ? { attachmentId: file.id } : {}),
    ...(replyTo === null ? {} : { replyTo: replyTo.messageId }),
    ...(after === undefined ? {} : { after }),
  };
}

/** Reads a message as it was kept on the device; `null` when it is something else. It may have been sent before. */
export function deserialise(kept: string): Pending | null {
  try {
    const pending = JSON.parse(kept) as Omit<Pending, 'state'> & { readonly state?: PendingState };
    if (typeof pending.clientId !== 'string') return null;
    const waiting = { name: 'waiting', tried: pending.file?.id !== null, failures: 0 } as const;
    return { ...pending, state: pending.state?.name === 'failed' ? pending.state : waiting };
  } catch {
    return null;
  }
}
