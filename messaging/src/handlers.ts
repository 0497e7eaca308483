import type { Handlers } from '@parley/backend-common';
import type { OperationTable } from '@parley/common/contract';

import type { MessagingContext } from './gateway/context.ts';

/** The operations that are served so far. */
export const served = {} as const satisfies OperationTable;

/** One handler for each operation; a missing one does not compile. */
export function createHandlers(): Handlers<Record<never, never>, MessagingContext> {
  return {};
}
