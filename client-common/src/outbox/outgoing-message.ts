import type { AppError } from '@parley/common';
import type { MessageEntry } from '@parley/common/contract';

import type { OutgoingFile } from '../attachments/types.ts';
import type { Input } from '../core/input.ts';
import type { Delivery } from './types.ts';

/** A message in the outbox. */
export interface OutgoingMessage {
  readonly conversationId: string;
  readonly clientId: string;
  /** `null`: a file without a caption. */
  readonly text: string | null;
  /** Its file, whose `id` is `null` until it is uploaded; until then the message is not sent. */
  readonly file?: OutgoingFile;
  readonly replyTo: { readonly messageId: string; readonly seq: number } | null;
  /** When it was written, by the server's clock as far as it was known. */
  readonly at: number;
  /** Whether the device keeps it, so that it survives a restart. */
  readonly isSaved: boolean;
  readonly state: OutgoingState;
}

type FailedDelivery = Extract<Delivery, { state: 'failed' }>;

export type OutgoingState =
  /**
   * To be sent. `tried`: it may already be stored, because an answer was lost. `delivery` is shown
   * instead of the usual one.
   */
  | {
      readonly name: 'waiting';
      readonly tried: boolean;
      readonly failures: number;
      readonly delivery?: Delivery;
    }
  /** The request has no answer yet. */
  | { readonly name: 'sending'; readonly failures: number }
  | { readonly name: 'stored'; readonly entry: MessageEntry }
  | { readonly name: 'failed'; readonly delivery: FailedDelivery };

const SENDING: Delivery = { state: 'sending', cancellable: false };
const CANCELLABLE: Delivery = { state: 'sending', cancellable: true };
/** Stored by the server. */
export const SENT: Delivery = { state: 'sent' };

/** The state of a message that was never sent. */
export const UNTRIED: OutgoingState = { name: 'waiting', tried: false, failures: 0 };

/** The delivery state that is shown. */
export function deliveryOf({ isSaved, state }: OutgoingMessage): Delivery {
  const delivery = deliveryIn(state);
  return isSaved || delivery.state !== 'sending' ? delivery : { ...delivery, state: 'saving' };
}

function deliveryIn(state: OutgoingState): Delivery {
  switch (state.name) {
    case 'waiting':
      return state.delivery ?? (state.tried ? SENDING : CANCELLABLE);
    case 'sending':
      return SENDING;
    case 'stored':
      return SENT;
    case 'failed':
      return state.delivery;
  }
}

/** The state after a final refusal. */
export function failedWith({ code, message }: AppError): OutgoingState {
  return { name: 'failed', delivery: { state: 'failed', code, message } };
}

/** The request that sends a message. All repeats are the same except for `after`. */
export function toRequest(
  { conversationId, clientId, text, file, replyTo }: OutgoingMessage,
  after: string | undefined,
): Input<'message:send'> {
  return {
    conversationId,
    clientId,
    text: text ?? undefined,
    attachmentId: file?.id ?? undefined,
    replyTo: replyTo?.messageId,
    after,
  };
}

/** Reads a message that the device kept, which may have been sent before; `null` if it is something else. */
export function deserialize(text: string | null): OutgoingMessage | null {
  try {
    const message = JSON.parse(text ?? '') as Omit<OutgoingMessage, 'state'> & {
      readonly state?: OutgoingState;
    };
    if (!message.clientId) return null;
    const waiting = { name: 'waiting', tried: message.file?.id !== null, failures: 0 } as const;
    const state = message.state?.name === 'failed' ? message.state : waiting;
    return { ...message, isSaved: true, state };
  } catch {
    return null;
  }
}
