import { AppError } from '@parley/common';
import type { OperationName } from '@parley/common/contract';

import type { Operation } from './operations.ts';

type PartnerOperation = Extract<OperationName, `${'status' | 'link' | 'partner'}:${string}`>;

const refuse = (code: 'not_found' | 'link_code_invalid') => () => {
  throw new AppError(code);
};

/** The operations on statuses and partners of a server on which nobody has said anything, or has a partner. */
export const fakePartnerOperations: Record<PartnerOperation, Operation> = {
  'status:get': () => ({ data: { status: 'AVAILABLE', statusExpiration: null, timestamp: 0 } }),
  'status:set': (_world, input, userId) => {
    const { status, statusExpiration = null } = input as Record<string, unknown>;
    const data = { status, statusExpiration, timestamp: 1 };
    return { data, tell: [{ userIds: [userId], event: 'status', payload: data }] };
  },
  'link:create': () => ({ data: { linkCode: '7K3M-Q9TX', expiresAt: 1 } }),
  'link:confirm': refuse('link_code_invalid'),
  'partner:get': refuse('not_found'),
  'partner:unlink': refuse('not_found'),
};
