import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { MessagingContext } from '../transport/server/context.ts';
import type { LinkService } from './link-service.ts';
import type { PartnerService } from './service.ts';

export type PartnerOperation = `link:${'create' | 'confirm'}` | `partner:${'get' | 'unlink'}`;

/** Handlers of the operations on link codes and partners. */
export function partnerHandlers({
  links,
  partners,
}: {
  readonly links: LinkService;
  readonly partners: PartnerService;
}): Handlers<Pick<Operations, PartnerOperation>, MessagingContext> {
  return {
    'link:create': (_, { caller }) => links.createCode(caller.userId),
    'link:confirm': async (input, { address, caller }) => {
      await links.confirm(input, { userId: caller.userId, address });
      return partners.get(caller.userId);
    },
    'partner:get': (_, { caller }) => partners.get(caller.userId),
    'partner:unlink': async (_, { caller }) => {
      await partners.unlink(caller.userId);
      return {};
    },
  };
}
