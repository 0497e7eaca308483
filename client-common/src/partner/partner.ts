import type { AppError } from '@parley/common';
import type { Partner } from '@parley/common/contract';

import { memoryPlatform } from '../platform/memory.ts';
import type { PartnerClient, PartnerOptions, PartnerPart } from './types.ts';
import { CurrentPartner } from './current-partner.ts';
import { OwnStatus } from './own-status.ts';

/** Wrong guesses are counted and a code is valid once: it is sent once. */
const ONCE = { attempts: 1 };

/** Makes the partner and the status of a client's user. It asks for nothing until somebody subscribes. */
export function createPartner(client: PartnerClient, options: PartnerOptions = {}): PartnerPart {
  const platform = { ...memoryPlatform(), ...options.platform };
  const link = new CurrentPartner(client, platform);
  const own = new OwnStatus(client, platform);
  return {
    partner: link.readable,
    status: own.readable,
    reload: () => link.refresh(),
    setStatus: (status, until = null) => own.set(status, until),
    createLinkCode: () => client.request('link:create', {}),
    confirmLink: (linkCode) => confirm(client, link, linkCode),
    unlink: async () => {
      try {
        await client.request('partner:unlink', {});
      } catch (thrown) {
        if ((thrown as AppError).code !== 'not_found') throw thrown;
      }
      link.ended();
      void link.refresh();
    },
  };
}

async function confirm(
  client: PartnerClient,
  link: CurrentPartner,
  linkCode: string,
): Promise<Partner> {
  try {
    const partner = await client.request('link:confirm', { linkCode }, ONCE);
    link.set(partner);
    // The answer to an earlier request may not contain it.
    void link.refresh();
    return partner;
  } catch (thrown) {
    // Only the answer may have been lost.
    if ((thrown as AppError).code !== 'unavailable') throw thrown;
    await link.refresh();
    if (link.partner === null) throw thrown;
    return link.partner;
  }
}
