import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { MessagingContext } from '../transport/server/context.ts';
import type { Acknowledger, ReceiptService } from './service.ts';

export type ReceiptOperation = `receipt:${'delivered' | 'read'}`;

/** Handlers of the operations on receipts. */
export function receiptHandlers({
  receipts,
}: {
  readonly receipts: ReceiptService;
}): Handlers<Pick<Operations, ReceiptOperation>, MessagingContext> {
  return {
    'receipt:delivered': (input, context) =>
      receipts.acknowledge('delivered', input, acknowledgerOf(context)),
    'receipt:read': (input, context) =>
      receipts.acknowledge('read', input, acknowledgerOf(context)),
  };
}

function acknowledgerOf({ caller, socket }: MessagingContext): Acknowledger {
  const { sessionId, userId } = caller;
  return { userId, sessionId, socketId: socket?.id };
}
